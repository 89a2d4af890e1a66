# One set of commands for everybody; scripts/README.md says how each works.
PYTHON ?= python3
PORT ?= 8069
PRINT_PORT ?= 5000
IN_ENVIRONMENT = $(PYTHON) -m scripts.environment

export PORT PRINT_PORT DETACH TESTS ARGS ONLY MINUTES SEED

.PHONY: test test-unit test-odoo test-js test-e2e

test:
	@$(IN_ENVIRONMENT) -m scripts.test all

test-unit:
	@$(IN_ENVIRONMENT) -m scripts.test unit

test-odoo:
	@$(IN_ENVIRONMENT) -m scripts.test odoo

test-js:
	@$(IN_ENVIRONMENT) -m scripts.test js

test-e2e:
	@$(IN_ENVIRONMENT) -m scripts.test e2e
