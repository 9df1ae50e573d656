# What one does with Souk day by day. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh

GO ?= go
# The linter's version is pinned: a new one brings new opinions, and they should arrive in a commit of their own.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# A binary rather than `go run`, which calls a clean Ctrl-C a failure.
BUILD = test -x bin/souk || echo "Building Souk: a minute or two the first time."; $(GO) build -buildvcs=false -o bin/souk ./cmd/souk

.PHONY: help demo test lint bench soak deps

help: ## Show this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: ## Everything on this machine, no setting needed: phones to order on, in a browser
	@scripts/deps postgresql redis?
	@$(BUILD)
	@bin/souk demo

# Four packages at a time: on two cores they mostly wait for Postgres, and on sixteen they stay within its 300 connections.
test: ## gofmt, go vet and all tests, against real Postgres and Redis
	@scripts/deps postgresql redis chromium
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt -w these: $$unformatted"; exit 1; }
	@$(GO) vet ./...
	@$(GO) test -p 4 -timeout 9m ./...

lint: ## golangci-lint; .golangci.yml gives a reason beside each exception
	@$(GO) vet -tags failpoints ./...
	@$(GO) run $(GOLANGCI_LINT) run ./...
	@$(BUILD)
	@bin/souk lint

bench: ## Load through the real webhooks: a table of messages and turns per second
	@scripts/deps postgresql redis
	@$(BUILD)
	@bin/souk bench

soak: ## Kills at each fail point (KILLS=25), then all tests with the race detector, until one fails (COUNT=10)
	@scripts/deps postgresql redis chromium cc
	@SOUK_KILLS=$(or $(KILLS),25) $(GO) test -count=1 -v -p 1 -timeout 0 -run '^TestKilled' ./bot ./cmd/souk
	@$(GO) test -race -p 2 -count=$(or $(COUNT),10) -timeout 0 ./...

deps: ## Install what is missing: PostgreSQL, redis-server, chromium
	@scripts/deps postgresql redis chromium
