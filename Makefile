# terrace: `make help` lists the targets. Go, git and make are all that is needed; where
# neither tofu nor terraform is on PATH, OpenTofu is built into .tools/bin once.

.POSIX:
.SUFFIXES:

GO = go
FUZZTIME = 30s
ONLY =
# What the libraries leave out on request: gRPC's service mesh, of which the client for Google's
# storage brings all, and the manual pages of the flag package. It is a tenth of terraform's start-up.
TAGS = disable_grpc_modules,urfave_cli_no_docs
WITH_TOFU = tofu=$$(sh scripts/ensure-tofu.sh) && PATH="$$PATH:$$tofu" &&

WITH_PARTS = PATH="$$PATH:$$PWD/.tools/bin:$$PWD/.tools/npm/node_modules/.bin"

.PHONY: help build demo demo-promote test parts e2e bench fuzz lint cover release-check clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1@\2/p' Makefile | awk -F@ '{ printf "%-16s %s\n", $$1, $$2 }'

build: ## build ./terrace (VERSION=1.2.3: with that version)
	$(GO) build -trimpath -tags $(TAGS) -ldflags "-s -w -X github.com/terrace-iac/terrace/cli.version=$(VERSION)" -o terrace$$($(GO) env GOEXE) .

demo: ## plan, apply and show a whole example repository in a temporary folder (VERBOSE=1: every line)
	@sh scripts/demo.sh

demo-promote: ## carry a release of modules through dev and stage to prod, in a temporary folder (VERBOSE=1: every line)
	@sh scripts/demo-promote.sh

test: ## the whole test suite but the real servers: unit tests, scripts, conformance cases, the demo
	$(WITH_TOFU) $(GO) test -timeout 20m $(TESTFLAGS) ./...

parts: ## install the real servers that the end-to-end tests use into .tools
	@sh scripts/parts.sh

e2e: parts ## the tests against real servers; a part that is missing fails them
	$(WITH_TOFU) $(WITH_PARTS) TERRACE_E2E="$${TERRACE_E2E:-minio versitygw dynalite fake-gcs-server postgres azurite git}" \
		$(GO) test -count=1 -timeout 20m -run 'E2E|TestReal' ./...

lint: ## formatting, go vet, staticcheck, and the direction of the imports
	@sh scripts/lint.sh

bench: build ## start-up, graph, one plan and many plans, as ratios to the bare binary (ONLY=sources,states: these alone)
	@$(WITH_TOFU) $(WITH_PARTS) $(GO) run ./test/bench -terrace ./terrace$$($(GO) env GOEXE) -only "$(ONLY)"

fuzz: ## look for input that breaks the configuration language, 30 s for each target (FUZZTIME=5m: longer)
	@for target in FuzzParse FuzzEvaluate FuzzMerge FuzzRender; do \
		$(GO) test ./config -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; \
	done

cover: ## coverage of unit tests and scripts together, in .tools/coverage.html
	@$(WITH_TOFU) sh scripts/cover.sh

release-check: lint ## what must hold before a release: lint, fresh tests with the race detector, builds and compiled tests for all systems
	$(WITH_TOFU) TERRACE_BUILD_FLAGS=-race $(GO) test -count=1 -race -timeout 40m ./...
	@sh scripts/cross-build.sh

clean: ## remove what the other targets made
	rm -rf terrace terrace.exe .tools
