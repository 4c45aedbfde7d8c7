#!/bin/sh
# Checks formatting, go vet for each supported system, staticcheck at the version of
# tools/lint/go.mod, and the direction of the imports. Runs all of them and fails at the end
# if any did.
set -u

cd "$(dirname -- "$0")/.." || exit 1
status=0

# check NAME COMMAND...: runs the command and says how it went.
check() {
	name=$1
	shift
	if out=$("$@" 2>&1); then
		echo "ok   $name"
	else
		echo "FAIL $name"
		printf '%s\n' "$out"
		status=1
	fi
}

# shellcheck disable=SC2317 # called through check
formatted() {
	list=$(gofmt -l .) || return 1
	[ -z "$list" ] || {
		echo "gofmt -w these files:"
		echo "$list"
		return 1
	}
}

# shellcheck disable=SC2317
staticcheck() {
	mkdir -p .tools/bin &&
		(cd tools/lint && go build -o ../../.tools/bin/staticcheck honnef.co/go/tools/cmd/staticcheck) &&
		.tools/bin/staticcheck ./...
}

check 'gofmt' formatted
for system in linux darwin windows; do
	check "go vet ($system)" env GOOS="$system" CGO_ENABLED=0 go vet ./...
done
check 'staticcheck' staticcheck
check 'doors' go test -count=1 -run 'TestDoors|TestWrongDoors' ./test
exit $status
