#!/bin/sh
# Prints the folder of a `tofu` or `terraform` to put on PATH.
#
# usage: PATH="$(scripts/ensure-tofu.sh):$PATH"
#
# The first one on PATH is taken. Where there is none, OpenTofu is built with the Go toolchain
# into .tools/bin, at the version of tools/tofu/go.mod; that takes some minutes, once.
# Everything but the folder goes to stderr.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
bin=$root/.tools/bin

for name in tofu terraform; do
	if found=$(command -v "$name"); then
		dirname -- "$found"
		exit 0
	fi
done

version=$(sed -n 's|^.*github.com/opentofu/opentofu v\([^ ]*\).*$|\1|p' "$root/tools/tofu/go.mod")
exe=$(go env GOEXE)
if [ -x "$bin/tofu$exe" ] && [ "$(cat "$bin/tofu.version" 2>/dev/null)" = "$version" ]; then
	echo "$bin"
	exit 0
fi

echo "Neither tofu nor terraform is on PATH: building OpenTofu $version into .tools/bin." >&2
echo "This takes some minutes, the first time only." >&2
mkdir -p "$bin"
new=$bin/tofu.$$$exe
trap 'rm -f "$new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
(
	cd "$root/tools/tofu"
	go build -mod=readonly -trimpath \
		-ldflags='-s -w -X github.com/opentofu/opentofu/version.dev=no' \
		-o "$new" github.com/opentofu/opentofu/cmd/tofu
) >&2
mv "$new" "$bin/tofu$exe"
echo "$version" >"$bin/tofu.version"
echo "$bin"
