# The commands a person types. `make` alone lists them.

PYTHON ?= python3
UV = 0.13.9
PY = .venv/bin/python
LAB ?=
LAB_ARGS ?=
PORT ?= 8000
DASHBOARD_PORT ?= 9181

.PHONY: help lab lab-docker start-over serve test test-redis test-docker test-browser lint refresh bench lock clean
.DEFAULT_GOAL := help

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

lab: .venv/ready ## open the labs in JupyterLab, on a server of their own (LAB_ARGS goes to JupyterLab)
	@$(PY) -m labsupport.commands.desk $(LAB_ARGS)

lab-docker: .venv/ready ## the same on Redis in Docker
	@$(PY) -m labsupport.commands.desk --docker $(LAB_ARGS)

start-over: .venv/ready ## begin a lab again: make start-over LAB=01-enqueue (your copy is kept beside it)
	@$(PY) -m labsupport.commands.desk --start-over "$(LAB)"

serve: .venv/ready ## run the notification service itself: API, workers, dashboard (PORT=8000 DASHBOARD_PORT=9181)
	@$(PY) -m labsupport.commands.serve $(PORT) $(DASHBOARD_PORT)

test: .venv/ready ## run all tests, notebooks included
	@$(PY) -m pytest $(TEST_ARGS)

test-redis: .venv/ready ## the notebooks on Redis itself (needs redis-server)
	@$(PY) -m pytest -n 0 -s -m needs_redis tests/needs

test-docker: .venv/ready ## docker-compose.yml, really run (needs Docker)
	@$(PY) -m pytest -n 0 -m needs_docker tests/needs

test-browser: .venv/ready ## Run All in a real JupyterLab (needs chromium)
	@$(PY) -m uv pip install --quiet playwright==1.65.2
	@$(PY) -m pytest -n 0 -s -m needs_browser tests/needs

lint: .venv/ready ## check style, in modules and in notebooks
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

refresh: .venv/ready ## run the notebooks again and store their outputs (REFRESH_ARGS=--all: figures too)
	@$(PY) -m tools.refresh $(REFRESH_ARGS)

bench: .venv/ready ## measure the kit: ratios, side by side, on this machine (PART=requests: the API's alone)
	@$(PY) -m tools.bench $(PART)

lock: .venv/bin/uv ## resolve constraints.txt again, for every supported Python
	@$(PY) -m uv pip compile --quiet --universal --no-python-downloads --python-version 3.10 --no-annotate \
		--no-emit-index-url --custom-compile-command "make lock" requirements.txt -o constraints.txt

clean: ## remove the environment and caches; my-labs, your own work, stays
	@rm -rf .venv .pytest_cache .ruff_cache artefacts build *.egg-info
	@find labsupport tests notebooks -name __pycache__ -o -name .ipynb_checkpoints | while read -r folder; do rm -rf "$$folder"; done

# The environment knows its folder by heart, so a moved checkout gets a new one.
ifneq "$(shell cat .venv/ready 2>/dev/null)" "$(CURDIR)"
.PHONY: .venv/ready
endif

.venv/ready: requirements.txt constraints.txt pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo 'This needs Python 3.10 or newer, and "$(PYTHON)" is not. If you have one: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'This Python has no venv module. On Debian and Ubuntu: sudo apt install python3-venv' >&2; exit 1; }
	@echo 'Setting up .venv (once)…'
	@rm -rf .venv
	@$(MAKE) --no-print-directory .venv/bin/uv
	@$(PY) -m uv pip install --quiet --python $(PY) -r requirements.txt -c constraints.txt -e .
	@$(PY) -m labsupport.commands.desk --settings
	@printf '%s' "$(CURDIR)" > .venv/ready

# Enough for `make lock`, which has to work while constraints.txt still says otherwise.
.venv/bin/uv:
	@"$(PYTHON)" -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV)
