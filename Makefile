# One word for each thing a person does with this project. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
# What Python has compiled is kept beside the sources, whatever the environment says: a world is five processes.
export PYTHONDONTWRITEBYTECODE :=

define INSTALL
@command -v $(PYTHON) >/dev/null 2>&1 || { \
	echo "Not installed. There is no $(PYTHON); Python 3.11 to 3.13 is needed" \
	     "(Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13)." >&2; exit 1; }; \
$(PYTHON) server/install.py
endef

.DEFAULT_GOAL := help
.PHONY: help install run stop test check bench soak clean

help:      ## list the words
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

install:   ## make .venv from the locked list, and what the system lacks
	$(INSTALL)

run:       ## install, prepare, start everything, say where to connect
	$(INSTALL) --run
	@$(BIN)/timmy run

stop:      ## end everything
	@if [ -x $(BIN)/timmy ]; then $(BIN)/timmy stop; else echo "Nothing is installed, so nothing runs." >&2; fi

test: install   ## all tests: unit, property, integration, system
	@$(BIN)/python -m pytest -m "not soak" --ignore tests/system -n 2
	@$(BIN)/python -m pytest -m "not soak" tests/system -n 4 --dist loadfile --no-loadscope-reorder

check: install   ## style, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/mypy agents
	@$(BIN)/lint-imports --no-logo

bench: install   ## measurements as JSON
	@$(BIN)/python -m tests.bench all

soak: install   ## long repetitions: 50 kills of the Server, and the like
	@$(BIN)/python -m pytest -m soak --timeout 7200

clean:     ## remove what was installed and cached; the world's state stays
	@if [ -x $(BIN)/timmy ]; then $(BIN)/timmy stop; fi
	@rm -rf .venv .venv.new .venv.old .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
