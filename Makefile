# check  before every commit, under a minute      test    everything, as CI does it
# race   all but e2e, with the race detector      fuzz    every fuzz target for FUZZTIME
# golden writes the golden files anew             build   bin/faultline

GO          := go
STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    := 30s

# All packages but the end-to-end tests, which need Celery, Redis and other programs.
INSIDE = $(shell $(GO) list ./... | grep -v '/e2e')

.PHONY: check test race fuzz golden build

check:
	@unformatted="$$(gofmt -l .)"; [ -z "$$unformatted" ] || { echo "gofmt -w is due: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...
	$(GO) mod tidy -diff
	$(GO) test -parallel 8 $(INSIDE)

test:
	scripts/install-test-tools.sh
	$(GO) build ./...
	$(GO) run ./scripts/gotest -race -count=1 -p 1 ./...

race:
	$(GO) test -race $(INSIDE)

fuzz:
	scripts/fuzz.sh $(FUZZTIME)

golden:
	scripts/golden.sh

build:
	$(GO) build -o bin/faultline ./cmd/faultline
