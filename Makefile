# check  before every commit, under a minute      test    everything, as CI does it: first what may run side by side, then what measures time
# race   all but e2e, with the race detector      fuzz    every fuzz target for FUZZTIME
# golden writes the golden files anew             build   bin/faultline
# bench  what it costs, beside other proxies: BENCHMARKS.md

GO          := go
STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    := 30s

# All packages but the end-to-end tests, which need Celery, Redis and other programs.
INSIDE = $(shell $(GO) list ./... | grep -v '/e2e')

.PHONY: check test race fuzz golden build bench

# Tools that end soon need not collect often; tests need not be vetted twice; and the package whose tests wait most begins first, beside three others.
check:
	@unformatted="$$(gofmt -l .)"; [ -z "$$unformatted" ] || { echo "gofmt -w is due: $$unformatted"; exit 1; }
	GOGC=400 $(GO) vet ./...
	GOGC=400 $(STATICCHECK) ./...
	$(GO) mod tidy -diff
	$(GO) test -vet=off -p 4 -parallel 8 ./proxy $(INSIDE)

test:
	scripts/install-test-tools.sh
	$(GO) build ./...
	$(GO) run ./scripts/gotest -race -count=1 -parallel 4 $(INSIDE) then -race -count=1 -p 1 ./e2e/... then -C bench -count=1 .

race:
	$(GO) test -race $(INSIDE)

fuzz:
	scripts/fuzz.sh $(FUZZTIME)

golden:
	scripts/golden.sh

build:
	$(GO) build -o bin/faultline ./cmd/faultline

# A module of its own: what it compares with is no dependency of ours. BENCH="-only forward -rounds 3 -seconds 1" is a part of it, in a minute.
BENCH := -json $(CURDIR)/bin/bench.json -markdown $(CURDIR)/BENCHMARKS.md
bench:
	scripts/install-bench-tools.sh
	mkdir -p bin
	cd bench && $(GO) test . && $(GO) run . $(BENCH)
