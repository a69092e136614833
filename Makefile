# The commands of the house. `make` lists them.
SHELL := /bin/bash
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
# Without compiled files each start of Rasa takes ten seconds more.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.8
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/uv/bin/uv)
PY := .venv/bin/python
ENGINE_PY := engine/.venv/bin/python
CODE := actions backend tools web tests bench

.DEFAULT_GOAL := help
.PHONY: help setup run vectors test test-services test-engine test-app test-whatsapp train lint format types imports check nlu demo-day chaos whatsapp-sandbox bench clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# ---- set-up: each stamp is older than its lock file when there is something to do
.tools/uv/bin/uv:
	@echo "· installing uv $(UV_VERSION) into .tools"
	@python3 -m pip install --quiet --disable-pip-version-check --target .tools/uv uv==$(UV_VERSION)

.venv/.synced: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	@echo "· the application's environment (Python 3.12)"
	@$(UV) sync --frozen
	@touch $@

engine/.venv/.synced: engine/pyproject.toml engine/uv.lock | $(filter .tools/%,$(UV))
	@echo "· the engine's environment (Python 3.10, Rasa)"
	@$(UV) sync --frozen --project engine
	@touch $@

widget/node_modules/.synced: widget/package.json widget/package-lock.json
	@echo "· the widget's tools"
	@cd widget && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

web/static/widget.js: widget/node_modules/.synced texts/widget.yml $(shell find widget/src -type f 2>/dev/null)
	@echo "· building the widget"
	@cd widget && npm run --silent build
	@touch $@

setup: .venv/.synced engine/.venv/.synced web/static/widget.js  ## Make both environments and the widget

run: setup  ## Train if needed, migrate, load the demo customers and start everything; Ctrl-C ends it
	@$(PY) -m tools.run

train: engine/.venv/.synced  ## Train the model if none fits the content
	@$(ENGINE_PY) -m engine.train

vectors: engine/.venv/.synced  ## Put the vectors of all training sentences beside the code, after many new ones
	@$(ENGINE_PY) -m engine.ship_vectors

# ---- proving
test: setup train  ## The whole test suite on embedded defaults
	@start=$$SECONDS; $(MAKE) --no-print-directory test-engine test-app && echo "· make test took $$((SECONDS - start)) s"

test-engine: engine/.venv/.synced
	@cd tests/engine && ../../$(ENGINE_PY) -m pytest -q

test-app:
	@$(PY) -m pytest -q -m "not services"

test-whatsapp: setup train  ## Only the conversations over WhatsApp, with a fake Twilio
	@$(PY) -m pytest -q -m whatsapp

test-services: setup train  ## The part that needs PostgreSQL, Redis and a broker
	@SPORTELLO_REQUIRE_SERVICES=1 $(PY) -m pytest -q -m services

lint: .venv/.synced engine/.venv/.synced  ## Style, types, layers and Rasa's own validation
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(MAKE) --no-print-directory check

format: .venv/.synced  ## Let ruff put the code in shape
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

check: .venv/.synced engine/.venv/.synced  ## Check the content: words, languages, markup, names; then Rasa's validator
	@$(PY) -m tools.check
	@$(ENGINE_PY) -m engine.validate

nlu: train  ## Held-out scores, beside Rasa's default pipeline on the same data
	@$(ENGINE_PY) -m engine.evaluate

demo-day: setup train  ## Twenty demo customers go through all services; prints what each got. NOISE=7: in a hurry
	@$(PY) -m tests.demo_day $(if $(NOISE),--noise $(NOISE))

chaos: setup train  ## 200 conversations while processes die and Twilio fails. N=20 SEED=7 DATABASE=postgres
	@$(PY) -m tests.chaos $(if $(N),--number $(N)) $(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database $(DATABASE))

whatsapp-sandbox: .venv/.synced  ## How to connect Twilio's WhatsApp sandbox, with your settings filled in
	@$(PY) -m tools.whatsapp_sandbox

bench: setup train  ## Side-by-side measurements, as ratios in one run
	@$(ENGINE_PY) -m bench.engine_speedups && $(PY) -m bench.acknowledgements && $(ENGINE_PY) -m bench.understanding

clean:  ## Remove what can be made again
	rm -rf .venv engine/.venv widget/node_modules web/static/widget.js models/*.tar.gz .rasa var
