#!/bin/sh
# Coverage of the unit tests and of the binary under the scripts, added up.
set -eu

cd "$(dirname -- "$0")/.."
data=$PWD/.tools/coverage
rm -rf "$data"
mkdir -p "$data/unit" "$data/binary"
rooms=$(go list ./... | grep -v '/test')

# shellcheck disable=SC2086 # a list of packages
go test -count=1 -cover $rooms -args -test.gocoverdir="$data/unit"
GOCOVERDIR=$data/binary go test -count=1 -timeout 30m ./test
go tool covdata textfmt -i="$data/unit,$data/binary" -o "$data/all.txt"
go tool cover -html="$data/all.txt" -o .tools/coverage.html
go tool cover -func="$data/all.txt" | tail -n 1
echo "details: .tools/coverage.html"
