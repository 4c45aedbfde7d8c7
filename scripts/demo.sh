#!/bin/sh
# Shows the main job on a copy of examples/live in a temporary folder: plan, apply and
# output of all its units, on the local backend, with a real git repository of modules.
#
# usage: scripts/demo.sh [--verbose]
#
# --verbose prints everything that OpenTofu or Terraform prints; without it only the lines
# that tell what happened. TERRACE_BIN names a finished binary to use instead of building
# one. Nothing is left behind, also after a failure or an interrupt. NO_COLOR is honoured.
# The exit status is that of the first step that failed.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=scripts/demo-lib.sh
. "$root/scripts/demo-lib.sh"

# gist: the lines that tell what happened, out of everything that is printed for a unit.
gist() {
	awk '
		/ Downloading Terraform configurations | mock outputs provided for dependency / { next }
		/STDERR|ERROR|WARN/ { print; fflush(); next }
		/ STDOUT / && !/Plan: |No changes\.|Apply complete!|Destroy complete!/ { next }
		{ print; fflush() }
	'
}

# terrace ARGS: shows the command line, runs it, and ends the demo where it fails.
terrace() {
	say "${dim}\$ terrace $*${plain}"
	if [ -n "$verbose" ]; then
		"$terrace" "$@"
		return
	fi
	{
		code=0
		"$terrace" "$@" 2>&1 || code=$?
		echo "$code" >"$work/status"
	} | gist
	code=$(cat "$work/status")
	[ "$code" -eq 0 ] || exit "$code"
}

heading 'Tools'
find_tools
binary=$(command -v tofu || command -v terraform)
own_world
say "it runs:  $("$binary" version | head -n 1)"

heading 'A modules repository'
make_modules 'One git repository holds the modules, one tag each release:'

heading 'A live repository'
cp -R "$root/examples/live" "$work/live"
rm -rf "$work/live/.state"
cd "$work/live"
say 'One folder is one unit: a terragrunt.hcl that names a module and its release.'
find . -name terragrunt.hcl | sort | while read -r unit; do
	pin=$(sed -n 's|.*source *= *".*//\(.*\)?ref=\([^"]*\)".*|\1 \2|p' "$unit")
	# shellcheck disable=SC2086 # two words: module and release
	printf '  %-32s %-24s %s\n' "$(dirname "${unit#./}")" $pin
done

heading 'Plan: what would change, in all environments at once'
say 'Networks come before databases, databases before services. Nothing is changed yet; in place'
say 'of what is not there, the mock outputs in the units are planned with.'
terrace run-all plan

heading 'Apply: make it so'
say '--non-interactive answers yes where terrace would ask.'
terrace run-all apply --non-interactive

heading 'Output: what is there now'
terrace run-all output

heading 'Done'
say 'All of this happened in a temporary folder, which is gone now.'
say 'The files are in examples/live and examples/modules; "make demo VERBOSE=1" shows every line.'
