# What the demos have in common: their options, a temporary folder that is gone in the end, the
# tools, and a world in which nothing of the user's settings counts. It is read by scripts/demo.sh
# and scripts/demo-promote.sh, with their arguments; $root is set then.

verbose=${VERBOSE:-}
case "${1:-}" in
--verbose) verbose=1 ;;
'') ;;
*)
	echo "usage: $0 [--verbose]" >&2
	exit 2
	;;
esac

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/terrace-demo.XXXXXX")
cleanup() {
	status=$?
	trap '' INT TERM HUP
	cd /
	rm -rf "$work"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

heading() {
	printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
}

say() {
	printf '%s\n' "$*"
}

# find_tools: $terrace is the binary to show, built unless TERRACE_BIN names it; tofu or
# terraform is on PATH.
find_tools() {
	if [ -n "${TERRACE_BIN:-}" ]; then
		case "$TERRACE_BIN" in
		/*) terrace=$TERRACE_BIN ;;
		*) terrace=$PWD/$TERRACE_BIN ;;
		esac
	else
		say "Building terrace ..."
		terrace=$work/bin/terrace$(go env GOEXE)
		(cd "$root" && go build -tags disable_grpc_modules,urfave_cli_no_docs -o "$terrace" .)
	fi
	tools=$("$root/scripts/ensure-tofu.sh")
	PATH=$PATH:$tools
	export PATH
	say "terrace:  $("$terrace" --version)"
}

# own_world PREFIX...: from here on nothing of the user's settings counts, and nothing outside
# $work is written. Variables with these prefixes are forgotten as well.
own_world() {
	for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
		for prefix in TG_ TERRAGRUNT_ TF_ TOFU_ "$@"; do
			case "$name" in
			"$prefix"*) unset "$name" ;;
			esac
		done
	done
	HOME=$work/home XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
	TMPDIR=$work/tmp CHECKPOINT_DISABLE=1 TG_NO_TIPS=true
	export HOME XDG_CACHE_HOME XDG_CONFIG_HOME TMPDIR CHECKPOINT_DISABLE TG_NO_TIPS
	mkdir -p "$HOME" "$TMPDIR"
}

# make_modules SENTENCE: makes the modules repository and lists its releases.
make_modules() {
	"$root/scripts/modules-repo.sh" "$work/modules"
	say "$1"
	git -C "$work/modules" tag --format='  %(refname:short)  %(contents:subject)' | sed 's/  v[0-9.]*: /  /'
	MODULES_REPO=git::file://$work/modules
	export MODULES_REPO
}
