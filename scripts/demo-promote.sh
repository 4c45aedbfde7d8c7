#!/bin/sh
# Plays the story of docs/promotion.md in a temporary folder: a release of the modules goes
# from v0.0.5 everywhere through dev and stage to prod, by way of a pull request and a signed
# bundle. The repositories are real, the state is local.
#
# usage: scripts/demo-promote.sh [--verbose]
#
# --verbose prints everything; without it lines that only tell of downloads are left out.
# TERRACE_BIN names a finished binary to use instead of building one. Nothing is left behind,
# also after a failure or an interrupt. NO_COLOR is honoured. The exit status is that of the
# first step that went another way than the story.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=scripts/demo-lib.sh
. "$root/scripts/demo-lib.sh"

gist() {
	awk -v all="$verbose" '
		all { print; fflush(); next }
		/ Downloading Terraform configurations / { next }
		/ STDOUT / && !/Apply complete!/ { next }
		{ print; fflush() }
	'
}

# expect STATUS ARGS: shows a command line of terrace and runs it; any other status ends the
# demo.
expect() {
	want=$1
	shift
	say "${dim}\$ terrace $*${plain}"
	{
		code=0
		"$terrace" "$@" </dev/null 2>&1 || code=$?
		echo "$code" >"$work/status"
	} | gist
	code=$(cat "$work/status")
	case " $want " in
	*" $code "*) ;;
	*)
		say "exit status $code, where the story has $want"
		[ "$code" -ne 0 ] || code=1
		exit "$code"
		;;
	esac
	[ "$code" -eq 0 ] || say "${dim}(exit status $code)${plain}"
}

# shown ARGS: shows a command line and runs it.
shown() {
	say "${dim}\$ $*${plain}"
	"$@"
}

heading 'Tools'
find_tools
command -v ssh-keygen >/dev/null || {
	echo "$0: ssh-keygen is needed to make a key for the approval" >&2
	exit 1
}
own_world GIT_ SSH_
GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_NOSYSTEM
git config --global init.defaultBranch main
git config --global advice.detachedHead false

# be NAME: who acts from here on.
be() {
	git config --global user.name "$1"
	git config --global user.email "$(printf '%s' "$1" | tr '[:upper:]' '[:lower:]')@example.com"
}

heading 'Two repositories'
make_modules 'One holds the modules, one tag each release:'

be Dana
git init --quiet --bare "$work/live.git"
git init --quiet "$work/live"
cd "$work/live"
git remote add origin "$work/live.git"
cp -R "$root/examples/live/." .
rm -rf .state
for unit in $(find dev stage prod -name terragrunt.hcl); do
	sed 's/?ref=v[0-9.]*"/?ref=v0.0.5"/' "$unit" >"$work/unit"
	cat "$work/unit" >"$unit"
done
printf '.terragrunt-cache\n.terraform.lock.hcl\n.state\n' >.gitignore
git add --all
git commit --quiet --message 'everything at v0.0.5'
say 'The other one is the live repository: dev, stage and prod, all at v0.0.5 and deployed.'
"$terrace" run-all apply --non-interactive >"$work/first" 2>&1 || {
	cat "$work/first"
	exit 1
}

heading 'The rules: terrace.hcl'
ssh-keygen -q -t ed25519 -N '' -C mary@example.com -f "$work/mary"
mkdir -p .terrace
printf 'mary@example.com %s\n' "$(cut -d' ' -f1,2 "$work/mary.pub")" >.terrace/allowed_signers
cat >smoke.sh <<'X'
echo "$TERRACE_ENVIRONMENT works"
X
tee terrace.hcl <<'X'
environment "dev" { path = "dev" }
environment "stage" {
  path  = "stage"
  after = ["dev"]
}
environment "prod" {
  path      = "prod"
  after     = ["stage"]
  branches  = ["main"]
  approvals = 1
}
check "smoke" {
  environments = ["dev", "stage"]
  command      = ["sh", "../smoke.sh"]
}
X
git add --all
git commit --quiet --message 'the rules'
git push --quiet --set-upstream origin main

heading 'A release comes into dev'
say 'First without writing anything:'
expect 0 promote --to dev --version v0.0.6 --dry-run
say
say 'And now for good. Without a terminal, --auto-approve is what says yes:'
expect 0 promote --to dev --version v0.0.6 --auto-approve

heading 'On to stage'
say 'dev must be what its configuration says, and its checks must hold:'
expect 0 promote --from dev --to stage --auto-approve
git push --quiet

heading 'A pull request for prod'
say 'prod is changed from main only, so the edit goes on a branch, and the command stops:'
expect 3 promote --from stage --to prod --pr --push
id=$(git log -1 --format=%B promote/3-units-v0.0.6-prod | sed -n 's/^Terrace-Promotion: //p')

heading 'The pull request is merged; the plan waits for a signature'
shown git merge --quiet --no-ff --message 'Merge promote/3-units-v0.0.6-prod' promote/3-units-v0.0.6-prod
git push --quiet
expect 3 promote --continue "$id"

heading 'Mary reviews and signs, and exactly what she has seen is applied'
say 'What depends on something new can only be planned when that is there: it comes back as a'
say 'further round, which is signed like the first.'
rounds=0
code=3
while [ "$code" -eq 3 ] && [ "$rounds" -lt 5 ]; do
	rounds=$((rounds + 1))
	be Mary
	expect 0 bundle approve --non-interactive --key "$work/mary" ".terrace/bundles/$id-prod"
	be Dana
	expect '0 or 3' promote --continue "$id"
done
[ "$code" -eq 0 ] || exit 1

heading 'What is left of it'
shown git log --format='%h %s' -n 6
say
say 'Each edit carries a record, in git notes:'
git log --notes=terrace --format='%N' -n 6 | sed -n 's/.*"to":"\([a-z]*\)".*"applied":\([a-z]*\).*/  \1: applied \2/p'
say
git ls-files '*/terragrunt.hcl' | grep -E '^(dev|stage|prod)/' | while read -r unit; do
	printf '  %-32s %s\n' "$(dirname "$unit")" "$(sed -n 's|.*?ref=\([^"]*\)".*|\1|p' "$unit")"
done

heading 'Done'
say 'All of this happened in a temporary folder, which is gone now.'
