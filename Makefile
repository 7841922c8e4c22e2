# One target for each thing people do with this project. `make help` lists them.
BIN := .venv/bin
OLDEST := .venv-oldest/bin
# Python always keeps its compiled files beside the sources, because a world is five processes.
export PYTHONDONTWRITEBYTECODE :=

# Any Python from 3.7 on starts the installer, which finds a suitable one or says what to install. `make PYTHON=python3.12`
# uses that one.
define INSTALL
@for one in $(PYTHON) python3 python3.14 python3.13 python3.12 "$$HOME"/.pyenv/versions/3.1[2-4].*/bin/python python; do \
	if "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null; then \
		exec "$$one" server/install.py $(if $(PYTHON),--python "$(PYTHON)") $(1); \
	fi; \
done; \
if command -v uv >/dev/null 2>&1; then exec uv run -q --no-project --python 3.13 server/install.py $(1); fi; \
echo "Not installed. Python 3.12 to 3.14 is needed, and none was found" \
     "(Debian 13, Ubuntu 24.04: apt-get install python3 python3-venv; macOS: brew install python@3.13;" \
     "elsewhere uv, https://docs.astral.sh/uv, installs one)." >&2; exit 1
endef

.DEFAULT_GOAL := help
.PHONY: help install run stop test test-fast test-oldest check format bench soak pages picture clean

help:      ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

install:   ## create .venv from the lock files, and install missing system packages
	$(call INSTALL)

run:       ## install, prepare and start everything, and say where to connect
	$(call INSTALL,--run)
	@$(BIN)/timmy run

stop:      ## stop everything
	@if [ -x $(BIN)/timmy ]; then $(BIN)/timmy stop; else echo "Nothing is installed, so nothing is running." >&2; fi

test: test-fast   ## all tests: unit, property, integration, system
	@$(BIN)/python -m pytest -m "not soak" tests/system -n 4 --dist loadfile --no-loadscope-reorder

test-fast: install   ## all tests except those that start a world
	@$(BIN)/python -m pytest -m "not soak" --ignore tests/system -n 2

test-oldest:   ## unit and property tests on the oldest suitable Python, if it is not the one in .venv
	$(call INSTALL,--oldest)
	@if [ -x $(OLDEST)/python ]; then $(OLDEST)/python -m pytest -m "not soak" tests/unit tests/property -n 2; fi

check: install   ## style, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Run make format." >&2; exit 1; }
	@! grep -rnE "# fmt: (skip|off)" --include="*.py" agents commands server tests typeclasses web world
	@$(BIN)/mypy agents
	@$(BIN)/lint-imports --no-logo

format:    ## format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: install   ## measurements as JSON
	@$(BIN)/python -m tests.bench all

soak: install   ## long repetitions, such as killing the Server 50 times
	@$(BIN)/python -m pytest -m soak --timeout 7200

pages: install   ## generate the pages about events, settings and ranks
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m server.pages

picture: install   ## record the README's picture from a real visit to a world
	@$(BIN)/python -m tests.picture

clean:     ## remove everything installed and cached; the world's state is kept
	@if [ -x $(BIN)/timmy ]; then $(BIN)/timmy stop; fi
	@rm -rf .venv .venv.new .venv.old .venv-oldest .venv-oldest.new .venv-oldest.old .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
