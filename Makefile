# One word for each thing a person does with this project. `make help` lists them.
BIN := .venv/bin
OLDEST := .venv-oldest/bin
# What Python has compiled is kept beside the sources, whatever the environment says: a world is five processes.
export PYTHONDONTWRITEBYTECODE :=

# Any Python from 3.7 on starts the installer, which finds one that fits, or says what to install: `make PYTHON=python3.12`
# takes that one.
define INSTALL
@for one in $(PYTHON) python3 python3.14 python3.13 python3.12 "$$HOME"/.pyenv/versions/3.1[2-4].*/bin/python python; do \
	if "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null; then \
		exec "$$one" server/install.py $(if $(PYTHON),--python "$(PYTHON)") $(1); \
	fi; \
done; \
if command -v uv >/dev/null 2>&1; then exec uv run -q --no-project --python 3.13 server/install.py $(1); fi; \
echo "Not installed. Python 3.12 to 3.14 is needed, and there is none" \
     "(Debian 13, Ubuntu 24.04: apt-get install python3 python3-venv; macOS: brew install python@3.13;" \
     "elsewhere uv, https://docs.astral.sh/uv, brings one)." >&2; exit 1
endef

.DEFAULT_GOAL := help
.PHONY: help install run stop test test-fast test-oldest check format bench soak pages picture clean

help:      ## list the words
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

install:   ## make .venv from the locked lists, and what the system lacks
	$(call INSTALL)

run:       ## install, prepare, start everything, say where to connect
	$(call INSTALL,--run)
	@$(BIN)/timmy run

stop:      ## end everything
	@if [ -x $(BIN)/timmy ]; then $(BIN)/timmy stop; else echo "Nothing is installed, so nothing runs." >&2; fi

test: test-fast   ## all tests: unit, property, integration, system
	@$(BIN)/python -m pytest -m "not soak" tests/system -n 4 --dist loadfile --no-loadscope-reorder

test-fast: install   ## all tests but those that start a world
	@$(BIN)/python -m pytest -m "not soak" --ignore tests/system -n 2

test-oldest:   ## unit and property tests on the oldest Python here that fits, where it is not the one of .venv
	$(call INSTALL,--oldest)
	@if [ -x $(OLDEST)/python ]; then $(OLDEST)/python -m pytest -m "not soak" tests/unit tests/property -n 2; fi

check: install   ## style, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Run make format." >&2; exit 1; }
	@! grep -rnE "# fmt: (skip|off)" --include="*.py" agents commands server tests typeclasses web world
	@$(BIN)/mypy agents
	@$(BIN)/lint-imports --no-logo

format:    ## give the code its form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: install   ## measurements as JSON
	@$(BIN)/python -m tests.bench all

soak: install   ## long repetitions: 50 kills of the Server, and the like
	@$(BIN)/python -m pytest -m soak --timeout 7200

pages: install   ## write what the docs tell of the code: events, settings, ranks
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m server.pages

picture: install   ## record the picture of the README anew, from a visit to a world
	@$(BIN)/python -m tests.picture

clean:     ## remove what was installed and cached; the world's state stays
	@if [ -x $(BIN)/timmy ]; then $(BIN)/timmy stop; fi
	@rm -rf .venv .venv.new .venv.old .venv-oldest .venv-oldest.new .venv-oldest.old .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
