# The front door: what a newcomer types. The build itself is meson's; see meson.build.
#
# Each target first installs the packages that it needs itself, so all of them work on a fresh clone.

BUILD ?= build
# tests/lib/reference_venv.py has the reference there, and schemathesis_venv.py its own beside it;
# both outlive `make clean`d objects on purpose.
VENV ?= $(BUILD)/venv

# How long `make fuzz` looks for a breaking input, for each target.
SECONDS_EACH ?= 600
FUZZ_TARGETS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

export REUNION_VENV := $(abspath $(VENV))
export REUNION_BUILD := $(abspath $(BUILD))

.DEFAULT_GOAL := help
.PHONY: help deps build page demo run test bench fuzz deb format check-format clean packages-to-build
# Two cannot install packages at once.
.NOTPARALLEL:

help: ## say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

deps: ## install the Debian packages that `make test` needs (as root; else say which)
	@.ci/install-packages build web tests reference test deploy package git load

packages-to-build:
	@.ci/install-packages build

build: packages-to-build ## build server, clients and library into build/; tests where cmocka is
	@.ci/build "$(BUILD)"

page: packages-to-build ## build the page that meets in a browser, also as one file
	@.ci/install-packages web
	@.ci/build "$(BUILD)" -Dweb=enabled
	@ls $(BUILD)/web/page/page.html && cat $(BUILD)/web/page/hashes

demo: build ## let two clients meet at a fresh server, show it, stop
	@python3 tests/demo/demo.py $(BUILD)

run: build ## serve on 127.0.0.1:5000 in the foreground
	@exec $(BUILD)/server/reunion-server --listen 127.0.0.1:5000

test: deps ## run all tests; ends with `N passed, N failed`
	@.ci/build "$(BUILD)" -Dtests=enabled
	@python3 tests/lib/reference_venv.py >/dev/null
	@python3 tests/lib/schemathesis_venv.py >/dev/null
	@python3 tests/lib/browser_tools.py >/dev/null
	@tests/run $(BUILD) --quiet

bench: ## measure against others; table, and build/bench.json (ONLY=server: a part)
	@.ci/install-packages build web tests reference load bench
	@.ci/build "$(BUILD)" -Dtests=enabled
	@python3 tests/lib/reference_venv.py >/dev/null
	@python3 tests/bench/bench.py --build $(BUILD) --json $(BUILD)/bench.json $(ONLY)

fuzz: ## look for inputs that break a parser, with clang's libFuzzer, SECONDS_EACH for each
	@.ci/install-packages build tests clang
	@for target in $(FUZZ_TARGETS); do tests/fuzz/run $$target $(SECONDS_EACH) || exit 1; done

deb: ## make Debian packages of the last commit, in build/packages
	@packaging/make-deb $(BUILD)/packages
	@ls $(BUILD)/packages/*.deb

format: ## lay out all C sources with clang-format
	@.ci/format

check-format: ## fail where `make format` would change something
	@.ci/format --dry-run --Werror

clean: ## remove what was built (not the reference's environment)
	@.ci/clean "$(BUILD)"
