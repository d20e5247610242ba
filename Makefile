# Everything a person, CI or a commit hook does with Guichet. `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON_IN_VENV := .venv/bin/python
# Containers like to set it. Then every process compiles what it imports, and pytest writes each test anew in each of its own.
unexport PYTHONDONTWRITEBYTECODE

READY := .venv/.ready
# For two cores: much of the tests' time is waiting for servers. conftest.py has what keeps a core busy and what mostly
# waits begin in turn; else four towns start at the same time, each takes minutes, and what stories wait for is late.
TEST_PROCESSES ?= 4
# At the same time, what each says in one piece where make can do that (macOS's cannot).
TOGETHER := --no-print-directory --jobs=3 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
EVERY_TEST = $(PYTHON_IN_VENV) -m tests.every_test -q -n $(TEST_PROCESSES) --dist loadgroup
SERVICES := $(notdir $(wildcard services/*))
CHANNELS := $(addprefix guichet_,$(notdir $(wildcard shared/channels/*)))
PACKAGES := guichet guichet_cli guichet_topology guichet_local guichet_server citizen_sandbox guichet_testing guichet_bench guichet_canary notifier_sender $(CHANNELS) $(subst -,_,$(SERVICES))
MEMBERS := $(wildcard pyproject.toml shared/pyproject.toml shared/testing/pyproject.toml shared/channels/*/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml deploy/local/*/pyproject.toml)

.PHONY: help run status stop reset top guichet bench scale test supply screenshots gallery faults power-cut lose-vault full-disk mailboxes there-and-back side-by-side rehearse week year agents-day clocks timers install-server format lint typecheck contracts unit browser antivirus ocr mailservers compose-tool openid keycloak compose hooks fetch collect

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): deploy/bootstrap.sh uv.lock $(MEMBERS)
	@deploy/bootstrap.sh

run: $(READY) ## Start Guichet on this machine; Ctrl-C stops it (RUN=detached make run: return once it is ready; RUN=servers: Kafka and MongoDB alone)
	@exec $(PYTHON_IN_VENV) -m guichet_local run

status: $(READY) ## Show each part of the running Guichet
	@exec $(PYTHON_IN_VENV) -m guichet_local status

stop: $(READY) ## Stop Guichet wherever it was started; its data stays in .local/
	@exec $(PYTHON_IN_VENV) -m guichet_local stop

reset: $(READY) ## Delete all local cases, messages, keys and passwords (asks first)
	@exec $(PYTHON_IN_VENV) -m guichet_local reset

top: $(READY) ## Watch topics, lag, dead letters and alarms in the terminal, while Guichet runs
	@exec $(PYTHON_IN_VENV) -m guichet_local guichet top

guichet: $(READY) ## Run an operator's command here: make guichet ARGS="dead-letters list"
	@exec $(PYTHON_IN_VENV) -m guichet_local guichet $(ARGS)

test: $(READY) ## Check everything: lint, types, known holes, every test on real Kafka and MongoDB (also while it runs)
	@$(MAKE) $(TOGETHER) typecheck supply collect lint browser antivirus ocr mailservers compose-tool openid # the longest first
	@$(EVERY_TEST)

supply: fetch ## Write what Guichet is made of (.local/sbom.cdx.json), and ask whether any of it has known holes
	@$(PYTHON_IN_VENV) -m tests.supply

unit: browser antivirus ocr mailservers compose-tool openid fetch collect ## Run every test on real Kafka, MongoDB and a browser, without lint and types
	@$(EVERY_TEST)

fetch: $(READY) ## Fetch Kafka into .local/, and prepare it for fast starts
	@$(PYTHON_IN_VENV) -m guichet_local fetch

# Once; else each of some hundred processes compiles them, and each process of pytest writes every test anew.
collect: $(READY) ## Find every test, and compile what they run
	@$(PYTHON_IN_VENV) -m compileall -q shared services deploy
	@found=$$($(PYTHON_IN_VENV) -m pytest --collect-only -qq 2>&1) || { tail -n 60 <<< "$$found"; exit 1; }

bench: $(READY) ## Measure how fast it is, in ratios, into docs/benchmarks.md (a quarter of an hour; BENCH_ONLY=mail make bench: one part)
	@PYTHONPATH=tests/benchmarks exec $(PYTHON_IN_VENV) -m guichet_bench

scale: browser fetch ## Fill a store with a million cases and ask it, into docs/scale.md (an hour; SCALE_CASES=50000, SCALE_ONLY=searches,live, SCALE_KEEP=folder)
	@PYTHONPATH=tests/benchmarks exec $(PYTHON_IN_VENV) -m tests.scale

faults: fetch ## Kill everything while 20,000 messages come in, and write docs/faults.md (FAULTS_SEED, FAULTS_MESSAGES)
	@exec $(PYTHON_IN_VENV) -m tests.faults

power-cut: fetch ## Cut the power under one broker and one mongod while messages come in (Linux, root: it mounts a disk of its own)
	@exec $(PYTHON_IN_VENV) -m tests.faults.power_cut

lose-vault: fetch ## Lose the vault's disk under load at fifty random moments, and restore it from its second copy each time (a quarter of an hour)
	@exec $(PYTHON_IN_VENV) -m tests.faults.lose_vault

full-disk: fetch ## Let Kafka's disk fill up, then MongoDB's, while messages come in (Linux, root)
	@exec $(PYTHON_IN_VENV) -m tests.faults.full_disk

mailboxes: mailservers fetch ## Read 5,000 mails of 20 mailboxes while everything is killed; write docs/reliability.md (MAILBOXES_SEED, MAILBOXES_MAILS)
	@exec $(PYTHON_IN_VENV) -m tests.mailboxes

there-and-back: fetch ## Upgrade a town from commit 1129a30, and go back to that commit's own code: nothing accepted in between is lost
	@exec $(PYTHON_IN_VENV) -m tests.upgrade.there_and_back

side-by-side: mailservers fetch ## Run services of the last version beside those of this one on the same topics, under load, both ways round
	@exec $(PYTHON_IN_VENV) -m tests.upgrade.side_by_side

rehearse: mailservers fetch ## Lose a whole town under load, with its disks, and bring it back on an empty machine; write docs/reliability.md
	@exec $(PYTHON_IN_VENV) -m tests.rehearsal

week: fetch ## Live seven days under a moved clock, with a provider out, the notifier down and a restore; write docs/reliability.md
	@exec $(PYTHON_IN_VENV) -m tests.week

year: $(READY) ## Live a year of 100,000 messages under a moved clock, with outages, a storm and providers down; write docs/year.md (YEAR_MESSAGES, YEAR_SEED; about an hour on two idle cores)
	@exec $(PYTHON_IN_VENV) -m tests.year

agents-day: browser ocr fetch ## Live a day at the desk in a real browser, by keyboard alone, in a real town; write docs/agents-day.md
	@exec $(PYTHON_IN_VENV) -m tests.agents_day

timers: fetch ## Let ten days come over 100,000 cases while routers are killed, and the clock is set back an hour (TIMERS_CASES, TIMERS_SEED; ten minutes)
	@exec $(PYTHON_IN_VENV) -m tests.timers

clocks: $(READY) ## Compare 100,000 random histories of cases with an independent model of the law's clocks (CLOCK_HISTORIES, CLOCK_SEED; minutes)
	@CLOCK_HISTORIES=$${CLOCK_HISTORIES:-100000} CLOCK_SEED=$${CLOCK_SEED:-$$RANDOM$$RANDOM} exec $(PYTHON_IN_VENV) -m pytest -q -n0 --timeout=0 shared/tests/law/clocks/test_model.py

screenshots: browser fetch ## Picture the pages of a demonstration (`guichet demo`), and write docs/pictures
	@exec $(PYTHON_IN_VENV) -m tests.pictures

gallery: browser ## Picture every page of the desk in every state at 360, 768 and 1440 pixels, into .local/gallery (GALLERY_ONLY=saisie)
	@exec $(PYTHON_IN_VENV) -W ignore -m tests.gallery

install-server: fetch ## Install a server by the commands of docs/going-live.md, on a Debian that is booted for it, and write to its town (Linux, root)
	@exec $(PYTHON_IN_VENV) -m tests.install_server

format: $(READY) ## Write the code in the common form
	@$(PYTHON_IN_VENV) -m ruff check --quiet --fix . || true
	@$(PYTHON_IN_VENV) -m ruff format .

lint: $(READY) ## Check form, traps and import rules
	@$(PYTHON_IN_VENV) -m ruff check .
	@$(PYTHON_IN_VENV) -m ruff format --check .
	@.venv/bin/lint-imports

typecheck: $(READY) ## Check the types of every package
	@$(PYTHON_IN_VENV) -m mypy $(addprefix -p ,$(PACKAGES))

contracts: $(READY) ## Write golden schemas, AsyncAPI and the data map's pages, after a compatible change of a declaration
	@$(PYTHON_IN_VENV) -m guichet_cli contracts write

browser: ## Install Chromium for the tests, where that asks no password; else say how
	@deploy/bootstrap.sh browser

antivirus: ## Fetch ClamAV's daemon for the tests, into .local/
	@deploy/bootstrap.sh antivirus

ocr: ## Fetch Tesseract, with French, for the tests, into .local/
	@deploy/bootstrap.sh ocr

compose-tool: ## Fetch docker-compose for the tests, into .local/
	@deploy/bootstrap.sh compose

openid: $(READY) ## Fetch an identity provider for the tests (npm's oidc-provider), into .local/
	@deploy/bootstrap.sh openid

keycloak: $(READY) ## Sign in at the desk by a real Keycloak, which it fetches (170 MB; half a minute)
	@exec $(PYTHON_IN_VENV) -m tests.keycloak

compose: $(READY) ## Write deploy/compose.yaml anew, after a change of the table of services
	@$(PYTHON_IN_VENV) -m guichet_server.render.write_compose

mailservers: ## Fetch Dovecot and Postfix for the tests, into .local/
	@deploy/bootstrap.sh mailservers

hooks: $(READY) ## Run lint and typecheck before each of your commits
	@.venv/bin/pre-commit install
