# The commands a person types. `make` alone lists them.

PYTHON ?= python3
PY = .venv/bin/python
SPHINX = .venv-site/bin/python -m sphinx
LAB ?=
LAB_ARGS ?=
CLASSROOM_ARGS ?=
WHO ?=
REPORTS ?=
PORT ?= 8000
DASHBOARD_PORT ?= 9181
JOBS ?= 1000

# In these two, Python 3.11 does not start in a folder whose name has other letters than English ones.
ifneq "$(filter C POSIX,$(LC_ALL))" ""
export LC_ALL = C.UTF-8
endif

# Containers often set it. A lab starts dozens of processes, and without compiled files each compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help lab lab-docker classroom start-over review report team serve lint lock clean \
	test test-redis test-docker test-promtool test-hosts test-browser test-classroom test-compare \
	refresh bench compare site site-links bullmq
.DEFAULT_GOAL := help

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-21s %s\n", $$1, $$2}'

lab: .venv/ready ## open the labs in JupyterLab, on a server of their own (LAB_ARGS goes to JupyterLab)
	@$(PY) -m labsupport.commands.open_labs $(LAB_ARGS)

lab-docker: .venv/ready ## the same on Redis in Docker
	@$(PY) -m labsupport.commands.open_labs --docker $(LAB_ARGS)

classroom: .venv/ready ## JupyterHub for a class on this machine: see classroom/README.md (needs Linux, root and a package index)
	@$(PY) classroom/set_up.py
	@$(PY) -m jupyterhub --config=classroom/jupyterhub_config.py $(CLASSROOM_ARGS)

start-over: .venv/ready ## start a lab over: make start-over LAB=01-enqueue (your copy is kept beside it)
	@$(PY) -m labsupport.commands.copies "$(LAB)"

review: .venv/ready ## up to five questions from labs that you have done, first those that you have probably forgotten
	@$(PY) -m labsupport.commands.review

report: .venv/ready ## a page on what you solved, each solved exercise run once more; nothing is sent (WHO="Anna B.")
	@$(PY) -m labsupport.commands.report --name="$(WHO)"

team: .venv/ready ## an overview of a team's reports: make team REPORTS=folder
	@$(PY) -m labsupport.commands.team "$(REPORTS)"

serve: .venv/ready ## run the notification service itself: API, workers, dashboard (PORT=8000 DASHBOARD_PORT=9181)
	@$(PY) -m labsupport.commands.serve --port "$(PORT)" --dashboard-port "$(DASHBOARD_PORT)"

test: .venv/ready ## run all tests, notebooks included
	@$(PY) -m pytest $(TEST_ARGS)

test-redis: .venv/ready ## the notebooks on Redis itself, each twice (needs redis-server)
	@$(PY) -m pytest -n 0 -s -m needs_redis tests/needs

test-docker: .venv/ready ## docker-compose.yml, really run (needs Docker)
	@$(PY) -m pytest -n 0 -m needs_docker tests/needs

test-promtool: .venv/ready ## the alert rules, by Prometheus' own tool (needs promtool)
	@$(PY) -m pytest -n 0 -m needs_promtool tests/needs

test-hosts: .venv/ready ## two hosts and one Redis, as network namespaces (needs Linux, root and iproute2)
	@$(PY) -m pytest -n 0 -m needs_hosts tests/needs

test-browser: .venv/ready ## Run All in a real JupyterLab, and whether everyone can read it (needs chromium, localedef)
	@$(PY) -m uv pip install --quiet playwright==1.65.2 axe-playwright-python==0.1.8
	@$(PY) -m pytest -n 0 -s -m needs_browser tests/needs

test-classroom: .venv/ready ## a class of twelve on a JupyterHub, really run (needs Linux, root, chromium and a package index)
	@$(PY) -m uv pip install --quiet playwright==1.65.2
	@$(PY) -m pytest -n 0 -s -m needs_accounts tests/needs

test-compare: .venv/ready ## make compare, with few jobs, the service beside one on NestJS, and make site (needs a package index)
	@$(PY) -m pytest -n 0 -s -m needs_index tests/needs

lint: .venv/ready ## check style, in modules and in notebooks, which module imports which, and types
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@.venv/bin/lint-imports
	@$(PY) -m mypy

refresh: .venv/ready ## run the notebooks again and store their outputs (REFRESH_ARGS=--all: figures too)
	@$(PY) -m tools.refresh $(REFRESH_ARGS)

bench: .venv/ready ## measure the kit: ratios, side by side, on this machine (PART=requests, watching or sweeping)
	@$(PY) -m tools.bench $(PART)

compare: .venv/ready ## RQ beside Celery, Dramatiq, Taskiq and huey (JOBS=50: one short round, and nothing is kept)
	@$(PY) -m tools.set_up compare
	@.venv-compare/bin/python -m tools.compare --jobs "$(JOBS)" \
		$(if $(filter 1000,$(JOBS)),--write labsupport/measure/compared.json,--rounds 1)

site: .venv/ready ## the labs as pages to read, with their stored outputs, in _site/html (needs a package index, once)
	@$(PY) -m tools.set_up site
	@rm -rf _site
	@$(SPHINX) -M html . _site -c tools/site --quiet --fail-on-warning
	@cp _site/html/README.html _site/html/index.html
	@echo "The pages are ready: open _site/html/index.html in a browser."

site-links: .venv/ready ## list the links from these pages to the internet, and try each of them
	@$(PY) -m tools.set_up site
	@$(SPHINX) -M linkcheck . _site -c tools/site

bullmq: .venv/ready ## set up Node.js and BullMQ, if that did not work with the rest
	@$(PY) -m labsupport.commands.set_up_bullmq && echo "BullMQ is ready."

lock: ## resolve constraints.txt again, for every supported Python
	@$(RIGHT_PYTHON)
	@"$(PYTHON)" labsupport/commands/set_up.py --uv
	@$(PY) -m uv pip compile --quiet --universal --no-python-downloads --python-version 3.10 --no-annotate \
		--no-emit-index-url --custom-compile-command "make lock" requirements.txt -o constraints.txt

clean: ## remove the environment and caches; my-labs, your own work, stays
	@rm -rf .venv .venv-compare .venv-site .nest _site .pytest_cache .ruff_cache .mypy_cache .import_linter_cache artefacts build *.egg-info
	@find labsupport tests notebooks -name __pycache__ -o -name .ipynb_checkpoints | while read -r folder; do rm -rf "$$folder"; done

# Asked each time: the kit may have moved, changed, or lost the Python that it was set up with.
ifneq "$(shell LC_ALL='$(LC_ALL)' .venv/bin/python labsupport/commands/set_up.py --check 2>/dev/null)" "ready"
.PHONY: .venv/ready
endif

.venv/ready:
	@$(RIGHT_PYTHON)
	@"$(PYTHON)" labsupport/commands/set_up.py

# In words that every Python understands.
RIGHT_PYTHON = "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	echo 'This needs Python 3.10 or newer, and "$(PYTHON)" is not. If you have one: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
