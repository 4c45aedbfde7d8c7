#!/bin/sh
# Makes a git repository of modules, with one tag a release, from examples/modules and
# examples/history.
#
# usage: scripts/modules-repo.sh DIR
#
# DIR must not exist. Nothing is read from the user's git settings, so that signing keys,
# hooks and default branch names do not matter.
set -eu

if [ $# -ne 1 ]; then
	echo "usage: $0 DIR" >&2
	exit 2
fi
examples=$(CDPATH='' cd -- "$(dirname -- "$0")/../examples" && pwd)
repo=$1
if [ -e "$repo" ]; then
	echo "$0: $repo exists already" >&2
	exit 1
fi

GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME='Module authors'
GIT_AUTHOR_EMAIL=modules@example.com
GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME
GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY

# release TAG WHAT: examples/modules, with the files of that release in place of the newest.
release() {
	cp -R "$examples/modules/." "$repo"
	if [ -d "$examples/history/$1" ]; then
		cp -R "$examples/history/$1/." "$repo"
	fi
	git -C "$repo" add --all
	git -C "$repo" commit --quiet --message "$1: $2"
	git -C "$repo" tag "$1"
}

git init --quiet "$repo"
git -C "$repo" symbolic-ref HEAD refs/heads/main
release v0.0.4 'first release'
release v0.0.5 'backups and health checks'
release v0.0.6 'flow logs and deletion protection'
