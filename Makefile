# One vocabulary for hands and CI. Each target installs what it needs: cargo and a CPython >= 3.10 are enough.
# PYTHON=… names the interpreter to build with; PYTEST_ARGS=… goes to pytest (`PYTEST_ARGS="-k sidecar"`).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PYTHON
# The interpreter that pyo3's build script asks. Always the same path, so that nothing is rebuilt needlessly.
export PYO3_PYTHON := $(CURDIR)/.venv-tools/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PYTEST_ARGS ?=
# `quick` builds several times faster; what it builds is slower. Never for figures.
PROFILE ?= release

# Cargo would look for make's job server, which only recursive makes can reach.
alone := env -u MAKEFLAGS -u MFLAGS

heading = @printf '\n== %s\n' "$(1)"

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

.PHONY: demo
demo: wheel ## Build the wheel, install it in a fresh .venv and run the plugin example
	@rm -rf .venv
	@.venv-tools/bin/python -m venv --without-pip .venv
	@.venv-tools/bin/python -m pip --python .venv/bin/python install -q --no-deps --no-index dist/*.whl
	$(call heading,examples/plugin_framework)
	@.venv/bin/python examples/plugin_framework/host.py

.PHONY: test
test: ## Run every check: formatting, clippy, core, wheel, every CPython present, stub, documentation
	@$(MAKE) format-check purity tools
	@$(MAKE) -j2 -Otarget core wheel environments docs
	@tools/test-pythons $(PYTEST_ARGS)

.PHONY: lint
lint: format-check purity clippy types ## Check formatting, clippy, the core's purity and the Python types

.PHONY: wheel
wheel: tools ## Build the release wheel (one for every CPython >= 3.10) into dist/
	$(call heading,release wheel)
	@rm -rf dist
	@$(alone) .venv-tools/bin/maturin build --profile $(PROFILE) --locked --interpreter $(PYO3_PYTHON) --out dist

.PHONY: docs
docs: tools ## Build the documentation site into site/; a warning or a link that leads nowhere is an error
	$(call heading,documentation)
	@read -r _ python <<<"$$(tools/pythons | grep -v ' -$$' | tail -n 1)"; tools/venv .venv-docs "$$python" docs
	@rm -rf site
	@.venv-docs/bin/python -m sphinx --builder html --fail-on-warning --keep-going --nitpicky --quiet docs site

.PHONY: bench
bench: wheel ## Measure everything, beside plain Python and the original ImportSpy: benches/RESULTS.md
	@cargo bench --locked
	@tools/venv .venv-bench "$(PYO3_PYTHON)"
	@.venv-tools/bin/python -m pip --python .venv-bench/bin/python install -q --no-deps --no-index --force-reinstall dist/*.whl
	$(call heading,the hook)
	@.venv-bench/bin/python benches/run.py

.PHONY: clean
clean: ## Remove what the other targets made
	@cargo clean --quiet
	@rm -rf dist site .venv .venv-* .pytest_cache .mypy_cache
	@find importspy_hook tests examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The parts of `test` and `lint`.

.PHONY: tools
tools:
	@python=$$(tools/pythons --build); tools/venv .venv-tools "$$python" build

.PHONY: environments
environments: tools
	@tools/test-pythons --prepare

.PHONY: format-check
format-check:
	$(call heading,cargo fmt)
	@cargo fmt --all --check

.PHONY: purity
purity:
	$(call heading,purity of the core)
	@tools/check-purity

.PHONY: clippy
clippy: tools
	$(call heading,clippy: the core)
	@$(alone) cargo clippy --locked --all-targets -- -D warnings
	$(call heading,clippy: the extension)
	@$(alone) cargo clippy --locked -p importspy_hook_extension -- -D warnings

.PHONY: core
core: clippy
	$(call heading,cargo test: the core)
	@$(alone) cargo test --locked

.PHONY: types
types: environments
	$(call heading,mypy)
	@python=$$(ls -d .venv-3.* | sort -V | tail -n 1)/bin/python; "$$python" -m mypy importspy_hook
