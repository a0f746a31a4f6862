# Every command there is. Each sets up what it needs, once.

.DEFAULT_GOAL := help
.PHONY: help run mail smoke rebuild migrate rehearsal upgrade test test-built check lint types imports template \
	checks build build-arm64 build-both events openapi console console-if-possible chromium pictures figures lock bench bench-small \
	second sbom licences audit mutants deploy stamp format clean

# The processor, in AWS's names. The layers are built for it.
ARCH ?= $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
BUILD := .aws-sam/$(ARCH)
# A section of samconfig.toml.
STAGE ?= default

export ARCH
# Otherwise each test process would recompile its libraries and all tests: a third of the time.
unexport PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY := 0

BIN := .venv/bin
SAM := PATH="$(CURDIR)/.venv-sam/bin:$$PATH" .venv-sam/bin/sam
# For deploying: as YAML the template exceeds CloudFormation's size limit.
SAM_COMPACT := PATH="$(CURDIR)/.venv-sam/bin:$$PATH" .venv-sam/bin/python -m tools.sam

# Node and npm are installed from a Python wheel, so that only Python is required.
NODE := PATH="$(CURDIR)/.venv-console/bin:$$PATH" node
NPM := PATH="$(CURDIR)/.venv-console/bin:$$PATH" npm
NODE_MODULES := console/node_modules/.package-lock.json
CONSOLE := functions/admin/console/files

# The first of these that runs and is new enough. A pyenv shim may exist but not run.
PYTHON = $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	command -v "$$python" && break; done)
# Lambda's Python version, for code that runs there.
PYTHON_313 = $(shell for python in python3.13 "$$(pyenv prefix 3.13 2>/dev/null)/bin/python3.13"; do \
	"$$python" -c '' 2>/dev/null && command -v "$$python" && break; done)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/ready console-if-possible ## serve the whole desk on this machine (PORT, SMTP_PORT, LOCAL_API_KEY, DATA)
	@echo "Starting the desk"
	@exec $(BIN)/python -m local

mail: .venv/ready ## send a raw mail to the desk that `make run` serves (FILE=, SMTP_PORT)
	@$(BIN)/python -m local.feed "$(FILE)"

test: .venv/ready console-if-possible ## run the tests of every endpoint and rule, in minutes
	$(BIN)/pytest -n auto --dist loadfile -m "not built and not exhaustive"

test-built: build-both .venv/ready .venv-lambda/ready ## run the tests of the built artefacts
	$(BIN)/pytest -m built

# One pytest run at the end, so that its last line sums up everything. Before it, the single-threaded
# checks run two at a time. The console comes first, or two of them would install it at once.
check: console ## run everything CI runs, including the matrices, the bench and the built artefacts
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target checks
	$(BIN)/pytest -n auto --dist loadfile -m "built or not built"

# The longest first, for parallel runs.
checks: bench-small second template types build-both audit lint imports chromium .venv-lambda/ready

lint: .venv/ready ## check style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: .venv/ready ## apply automatic fixes of style and format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: .venv/ready $(NODE_MODULES) ## check types
	$(BIN)/mypy
	$(NODE) console/node_modules/.bin/tsc --project console

# The path of the layers' code, for tools that find it neither through pytest nor in /opt.
imports events openapi pictures figures bench bench-small mutants second: export PYTHONPATH = layers/helpdesk:layers/dialects

imports: .venv/ready ## check that functions import dialects, dialects import the desk, and never the reverse
	$(BIN)/lint-imports

# cfn-lint uses SAM's own translator like `sam validate`, but reports more.
template: .venv-sam/ready .venv-checkov/ready ## check template.yaml
	.venv-sam/bin/cfn-lint --template template.yaml
	.venv-checkov/bin/checkov --config-file .checkov.yaml --file template.yaml

build: .venv-sam/ready console-if-possible ## build functions and layers for this machine, or ARCH=arm64, into .aws-sam
	$(SAM) build --build-dir $(BUILD) --cache-dir .aws-sam/cache/$(ARCH) \
		--parameter-overrides Architectures=$(ARCH)

build-arm64:
	@$(MAKE) --no-print-directory build ARCH=arm64

# One after the other: both write the same list of built artefacts.
build-both: build
	@$(MAKE) --no-print-directory build-arm64

events: .venv/ready ## regenerate events/, one real event per function
	$(BIN)/python -m tools.events

openapi: .venv/ready ## regenerate the OpenAPI documents and Postman collections
	$(BIN)/python -m tools.openapi

# All counted figures, at sizes between which a search changes its plan; times have no bounds.
bench-small: build .venv/ready .venv-lambda/ready ## run a small bench, without bounds for times
	$(BIN)/python -m bench --tickets 1000 3000 --rounds 1 --cold 1 --untimed

smoke: .venv/ready ## test a running desk through every family, then clean up (STACK=, or URL= and KEY=)
	@$(BIN)/python -m tools.smoke $(if $(STACK),--stack "$(STACK)",--url "$(or $(URL),http://localhost:8080)" --key "$(KEY)")

# Selects a desk by its stack's name, or by the URL of `make run`.
DESK = $(if $(STACK),--stack "$(STACK)",--url "$(or $(URL),http://localhost:8080)")

rebuild: .venv/ready ## rebuild the Index table while the desk serves (STACK=, or URL=; FLAGS=--anew)
	@$(BIN)/python -m tools.jobs rebuild $(DESK) $(FLAGS)

migrate: .venv/ready ## convert stored items to this version's format (STACK=, or URL=)
	@$(BIN)/python -m tools.jobs migrate $(DESK) $(FLAGS)

rehearsal: .venv/ready ## rehearse losing a table: restore it, rebuild the index, compare every ticket
	$(BIN)/pytest -q -s -m exhaustive tests/http/test_restore.py

upgrade: .venv/ready ## serve the same tables with this version and an earlier one in turn (OPERATIONS=10000)
	OPERATIONS=$(or $(OPERATIONS),1000) $(BIN)/pytest -q -s -m exhaustive tests/http/test_upgrade.py

second: build .venv/ready .venv-second/ready ## deploy to a second cloud on this machine, with IAM enforced, and test it
	@$(MAKE) --no-print-directory stamp
	@$(BIN)/python -m tools.second

bench: build .venv/ready .venv-lambda/ready ## measure the bounds in docs/data-model.md (FLAGS=--help)
	$(BIN)/python -m bench $(FLAGS)

console: $(CONSOLE) ## build the page that /console serves, if it has changed

$(CONSOLE): $(NODE_MODULES) $(shell find console/src console/*.mjs -type f)
	@echo "Building the console"
	@$(NODE) console/build.mjs $@

$(NODE_MODULES): console/package-lock.json | .venv-console/ready
	@echo "Installing $< into console/node_modules"
	@cd console && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Everything else runs without the console.
console-if-possible:
	@$(MAKE) --no-print-directory console || \
		echo "The console is not built: /console says so. All else runs. Try 'make console' later." >&2

chromium: .venv/ready
	@$(BIN)/python -m tools.chromium

pictures: .venv/ready console chromium ## regenerate the screenshots of docs/console.md
	$(BIN)/python -m tools.pictures

figures: .venv/ready console chromium ## measure the console as Lighthouse measures a phone
	$(BIN)/python -m tools.figures

# The mutation tool runs the tests, so this environment contains the dependencies of both.
mutants: .venv-mutants/ready ## run mutation tests on a module (MODULE=, TESTS=, SAMPLE=)
	@.venv-mutants/bin/python -m tools.mutants $(MODULE) \
		$(if $(TESTS),--tests $(TESTS)) $(if $(SAMPLE),--sample $(SAMPLE)) $(FLAGS)

# The commit that GET /health reports. Not a parameter, since SAM keeps a parameter's first value.
COMMIT = $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)
deploy: build-arm64 ## deploy; FLAGS=--guided asks for the parameters, STAGE=production
	@$(MAKE) --no-print-directory stamp ARCH=arm64
	$(SAM_COMPACT) deploy --template-file .aws-sam/arm64/deployed.yaml --config-file $(CURDIR)/samconfig.toml \
		--config-env $(STAGE) $(FLAGS)

# Fails if the placeholders have another format. A build is for one processor, so the other is removed from the choices.
stamp: OTHER = $(if $(filter arm64,$(ARCH)),x86_64,arm64)
stamp:
	@for name in Version Commit; do grep -q "$$name: unknown" $(BUILD)/template.yaml || \
		{ echo "$(BUILD)/template.yaml has no place for $$name" >&2; exit 1; }; done
	@sed -e 's/Version: unknown/Version: "$(shell cat VERSION)"/' -e 's/Commit: unknown/Commit: "$(COMMIT)"/' \
		-e '/^  Architectures:/,/^  [A-Z]/{s/\[arm64, x86_64\]/[$(ARCH)]/;/- $(OTHER)$$/d;s/Default: .*/Default: $(ARCH)/;}' \
		$(BUILD)/template.yaml >$(BUILD)/deployed.yaml

# --universal: one lock for every Python and processor. With hashes, and without index URLs.
LOCK = .venv-uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate $(FLAGS)
lock: .venv-uv/ready ## resolve and lock dependencies; FLAGS=--upgrade takes the latest versions
	$(LOCK) layers/vendor/requirements.in --output-file layers/vendor/requirements.txt
	$(LOCK) --no-deps layers/explorer/requirements.in --output-file layers/explorer/requirements.txt
	$(LOCK) layers/tokens/requirements.in --output-file layers/tokens/requirements.txt
	for purpose in uv dev sam checkov console emulator mutants second supply; do \
		$(LOCK) requirements/$$purpose.in --output-file requirements/$$purpose.txt || exit 1; done

clean: ## remove everything that make created
	rm -rf .venv .venv-* .aws-sam console/node_modules $(CONSOLE) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

sbom: .venv-supply/ready .venv-console/ready ## write the SBOM (CycloneDX, with the locks' hashes) into build/sbom
	@mkdir -p build/sbom
	for layer in vendor explorer tokens; do .venv-supply/bin/cyclonedx-py requirements --output-reproducible \
		--output-format JSON --output-file build/sbom/$$layer.json layers/$$layer/requirements.txt || exit 1; done
	cd console && $(NPM) sbom --package-lock-only --omit dev --sbom-format cyclonedx >../build/sbom/console.json

licences: .venv/ready .venv-supply/ready ## regenerate docs/licences.md
	@$(BIN)/python -m tools.licences

audit: .venv/ready .venv-supply/ready .venv-console/ready ## check shipped packages for known vulnerabilities
	@$(BIN)/python -m tools.audit

# Virtual environments, one per purpose, recreated when the lock changes. uv fills one in seconds, but
# ignores pip's settings; if packages are only available through these, pip fills it.
define make_venv
$(call start_venv,$(1),$(2))
@echo "Installing $< into $(@D)"
@.venv-uv/bin/uv pip install --quiet --python $(@D)/bin/python --require-hashes --requirement $< || \
	$(@D)/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement $<
@touch $@
endef

define start_venv
@test -n "$(1)" || { echo "Python $(2) is needed: none was found on PATH or under pyenv." >&2; exit 1; }
@echo "Making $(@D), a virtual environment of $$("$(1)" --version)"
@"$(1)" -m venv --clear $(@D)
endef

.venv-uv/ready: requirements/uv.txt
	$(call start_venv,$(PYTHON),3.11 or later)
	@echo "Installing $< into $(@D)"
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

.venv/ready: requirements/dev.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON),3.11 or later)

.venv-sam/ready: requirements/sam.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON_313),3.13)

.venv-checkov/ready: requirements/checkov.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON),3.11 or later)

.venv-console/ready: requirements/console.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON),3.11 or later)

.venv-mutants/ready: requirements/mutants.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON),3.11 or later)

.venv-second/ready: requirements/second.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON_313),3.13)

.venv-supply/ready: requirements/supply.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON),3.11 or later)

.venv-lambda/ready: requirements/emulator.txt | .venv-uv/ready
	$(call make_venv,$(PYTHON_313),3.13)
