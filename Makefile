# Every command of the project. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8080
STAGE ?= default
DATA ?= .kosha
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))

UI_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
  $(wildcard frontend/index.html frontend/package.json frontend/tsconfig*.json frontend/vite.config.*)
RUN := .venv/bin
DEV := .venv-dev/bin
DEPLOY := .venv-deploy/bin
# What `make test-fast` leaves out: everything of AWS, and what starts whole programs.
UNHURRIED := $(addprefix tests/unit/,adapters/aws adapters/models agents sagemaker_inference) tests/doors/lambdas \
  tests/doors/test_cli.py tests/doors/test_cli_backup.py tests/doors/test_wheel.py
# pip of .venv works on every environment: $(call install,FOLDER,REQUIREMENTS)
install = $(RUN)/pip --python $(1)/bin/python install --quiet --disable-pip-version-check --require-hashes --no-deps $(foreach file,$(2),-r $(file))
# A path file shows one environment the packages of others, so nothing is installed twice: $(call show,FOLDER,OTHERS)
site = $$($(1)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
show = { $(foreach other,$(2),echo "import site; site.addsitedir('$(call site,$(other))')";) } > "$(call site,$(1))/others.pth"

.PHONY: help setup ocr run demo test test-programs test-parts test-fast deploy-emulated lint format types ui wheel lock bench clean

help: ## this list
	@printf 'Kosha answers from your own documents, with citations.\n\n'
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'
	@printf '\n  PORT=%s and DATA=%s may be given, as in: make run PORT=9000 DATA=/srv/kosha\n' '$(PORT)' '$(DATA)'

setup: .venv/.ready ## install the program into .venv (nothing outside this folder)

ocr: .venv/.ready ## let Kosha read scans and pictures: adds text recognition (240 MB) to .venv
	$(call install,.venv,requirements-ocr.txt)

run: setup ui ## install what is missing, start Kosha and print a sign-in link
	exec $(RUN)/kosha serve --port $(PORT) --data $(DATA)

demo: setup ## bring in two documents, ask three questions, print the cited answers, stop
	$(RUN)/python -m kosha_local.demo

test: .venv-dev/.ready .venv-emulator/.ready .venv-ocr/.ready stacks/node_modules/.ready ui browser inference ## every test (about 15 minutes on 2 cores)
	npm --prefix frontend run --silent test
	$(MAKE) --no-print-directory --keep-going --jobs=2 test-programs test-parts

# The two halves of the tests, side by side: what waits for whole programs leaves half of the machine to the rest.
PROGRAMS := $(addprefix tests/,deployed doors journeys)
test-programs: # a make that a test starts shares no jobs with this one
	env -u MAKEFLAGS $(DEV)/pytest $(PROGRAMS)

test-parts:
	env -u MAKEFLAGS $(DEV)/pytest $(addprefix --ignore=,$(PROGRAMS))

test-fast: .venv-dev/.ready ## the tests for work in progress (under 3 minutes)
	$(DEV)/pytest -m 'not slow' $(addprefix --ignore=,$(UNHURRIED)) tests/unit tests/contracts tests/doors tests/house

deploy-emulated: .venv-dev/.ready .venv-emulator/.ready stacks/node_modules/.ready ui ## deploy to an emulator of AWS, use it, remove it
	$(DEV)/python -m emulated

lint: .venv-dev/.ready frontend/node_modules/.ready ## style, types, and who may import whom
	$(DEV)/ruff check .
	$(DEV)/ruff format --check .
	$(DEV)/pyright
	PYTHONPATH=layers/kosha/python:local $(DEV)/lint-imports
	npm --prefix frontend run --silent lint

format: .venv-dev/.ready ## put the Python code in order
	$(DEV)/ruff check --fix .
	$(DEV)/ruff format .

types: setup frontend/node_modules/.ready ## make openapi.json and the UI's types from the routes
	$(RUN)/python -m kosha.api.openapi > openapi.json
	npm --prefix frontend run --silent types

ui: frontend/dist/index.html ## build the web UI where it is stale

wheel: setup ui ## build the wheel, the UI in it, into dist/
	$(RUN)/hatchling build -t wheel

bench: setup ui .venv-bench/.ready ## every benchmark, JSON to bench/results/ (see docs/performance.md)
	$(RUN)/python -m bench

lock: .venv-dev/.ready ## pin every dependency again, with hashes
	for name in "" -aws -deploy -emulator -dev -bench -inference -ocr; do \
	  UV_FIND_LINKS="$${PIP_FIND_LINKS-}" $(DEV)/uv pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    $$([ "$$name" = -inference ] || echo --override overrides.txt) "requirements$$name.in" -o "requirements$$name.txt"; \
	done

clean: ## remove what the commands above made, but no data
	rm -rf .venv .venv-dev .venv-deploy .venv-emulator .venv-bench .venv-inference .venv-ocr dist build frontend/dist frontend/node_modules stacks/node_modules

.PHONY: synth bootstrap deploy destroy estimate configure outputs person token redrive emulator
# Functions of the emulated stage run on this machine, with packages of .venv-dev; EMULATOR is from build/emulator.env.
REHEARSED = $(filter emulated,$(STAGE))
CDK = JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20 stacks/node_modules/.bin/cdk
CDK_STAGE = --context stage=$(STAGE) $(if $(REHEARSED),--app '$(DEV)/python app.py' --context emulator='$(EMULATOR)')
DEPLOYS = .venv-deploy/.ready stacks/node_modules/.ready ui $(if $(REHEARSED),.venv-dev/.ready)
UNASKED = $(filter yes,$(YES))

synth: $(DEPLOYS) ## make the templates of STAGE (default, specified, one of yours) in cdk.out
	$(CDK) synth --quiet $(CDK_STAGE)

bootstrap: .venv-deploy/.ready stacks/node_modules/.ready ## prepare the AWS account and region you are signed in to, once
	account=$$($(DEPLOY)/python -m stacks.account) && $(CDK) bootstrap "$$account"

deploy: $(DEPLOYS) ## deploy STAGE to the AWS account you are signed in to; YES=yes: ask nothing
	$(CDK) deploy --all $(CDK_STAGE) $(if $(UNASKED),--require-approval never)

destroy: .venv-deploy/.ready ## take STAGE down but for its data, and say what stays; DATA=release: its stacks go too
	$(DEPLOY)/python -m stacks.removal --stage $(STAGE) $(if $(filter release,$(DATA)),--data release) $(if $(UNASKED),--yes)

estimate: .venv-deploy/.ready ## what STAGE costs a month at rest, and for 1,000 questions
	$(DEPLOY)/python -m stacks.estimate --stage $(STAGE)

configure: .venv-deploy/.ready ## choose the settings of STAGE, by questions
	$(DEPLOY)/python -m stacks.configure --stage $(STAGE)

outputs: .venv-deploy/.ready ## what STAGE printed when it was deployed: addresses, secrets, tables
	@$(DEPLOY)/python -m stacks.outputs --stage $(STAGE)

person: .venv-deploy/.ready ## add NAME with EMAIL and ROLE (admin, manager, user) to STAGE
	@$(DEPLOY)/python -m stacks.people add --stage $(STAGE) --name "$(NAME)" --email "$(EMAIL)" --role "$(or $(ROLE),user)"

token: .venv-deploy/.ready ## print an access token of NAME in STAGE, for scripts
	@$(DEPLOY)/python -m stacks.people token --stage $(STAGE) --name "$(NAME)"

redrive: .venv-deploy/.ready ## give the dead letters of QUEUE (questions, answers, arrivals) of STAGE another chance
	$(DEPLOY)/python -m stacks.redrive --stage $(STAGE) --queue "$(QUEUE)"

emulator: .venv-dev/.ready .venv-emulator/.ready ## an AWS on this machine until Ctrl-C, to rehearse docs/deploy.md on
	@exec $(DEV)/python -m emulated.rehearsal

.venv/.ready: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Kosha needs Python 3.11 or later; install it and run this again." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(call install,.venv,requirements.txt)
	$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv-dev/.ready: .venv/.ready .venv-deploy/.ready requirements-dev.txt requirements-aws.txt
	$(PYTHON) -m venv --without-pip .venv-dev
	$(call install,.venv-dev,requirements-aws.txt requirements-dev.txt)
	@$(call show,.venv-dev,.venv .venv-deploy)
	@touch $@

# What makes and deploys the stacks on AWS.
.venv-deploy/.ready: .venv/.ready requirements-deploy.txt
	$(PYTHON) -m venv --without-pip .venv-deploy
	$(call install,.venv-deploy,requirements-deploy.txt)
	@touch $@

# The AWS emulator, apart from everything else: it pins an older boto3.
.venv-emulator/.ready: .venv/.ready requirements-emulator.txt
	$(PYTHON) -m venv --without-pip .venv-emulator
	$(call install,.venv-emulator,requirements-emulator.txt)
	@touch $@

stacks/node_modules/.ready: stacks/package-lock.json
	npm --prefix stacks ci --no-audit --no-fund --loglevel=error
	@touch $@

# Text recognition, which is an extra: for its tests alone.
.venv-ocr/.ready: .venv/.ready requirements-ocr.txt
	$(PYTHON) -m venv --without-pip .venv-ocr
	$(call install,.venv-ocr,requirements-ocr.txt)
	@touch $@

# What the scripts of sagemaker_inference/ run on: torch, 1.1 GB, for their tests alone.
.venv-inference/.ready: .venv/.ready requirements-inference.txt
	$(PYTHON) -m venv --without-pip .venv-inference
	$(call install,.venv-inference,requirements-inference.txt)
	@touch $@

# The index of packages has no torch without CUDA for Linux: where nobody said where it is, its tests are left out.
.PHONY: inference
inference:
	@$(MAKE) --no-print-directory .venv-inference/.ready || echo "torch is not to be had: tests of sagemaker_inference are left out (see its README)" >&2

# The plain LangChain app that bench/chat.py measures against, apart from everything else.
.venv-bench/.ready: .venv/.ready requirements-bench.txt
	$(PYTHON) -m venv --without-pip .venv-bench
	$(call install,.venv-bench,requirements-bench.txt)
	@touch $@

frontend/node_modules/.ready: frontend/package-lock.json
	@command -v npm >/dev/null || { echo "The web UI needs Node.js 20 or later to be built; install it and run this again." >&2; exit 1; }
	npm --prefix frontend ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.ready $(UI_SOURCES)
	npm --prefix frontend run --silent build
	@touch $@

.PHONY: browser
browser: .venv-dev/.ready
	$(DEV)/python tests/browser/install_chromium.py
