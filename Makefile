# One set of commands for everybody; scripts/README.md says how each works.
PYTHON ?= python3
PORT ?= 8069
PRINT_PORT ?= 5000
IN_ENVIRONMENT = $(PYTHON) -m scripts.environment

export PORT PRINT_PORT DETACH TESTS ARGS ONLY MINUTES SEED SAMPLE PROCESSES RENDERER

.PHONY: help run stop clean test test-unit test-odoo test-js test-e2e lint bench soak mutation screenshots translations renderer addon

help:
	@echo "make run [DETACH=1] [PORT=8069] [PRINT_PORT=5000]   the product with demo data; Ctrl-C or 'make stop' ends it"
	@echo "make stop | make clean                               end it | end it and remove this clone's data"
	@echo "make test                                            all tests and checks"
	@echo "make test-unit | test-odoo | test-js | test-e2e      a part of them; TESTS=path ARGS='-k name'"
	@echo "make lint                                            ruff, pylint-odoo, ESLint, docker-compose and repository checks"
	@echo "make bench [ONLY=name] [MINUTES=10] | make screenshots   measure (minutes of ONLY=load) | renew docs/images"
	@echo "make soak [MINUTES=5] [SEED=number]                  load and faults together; paper, print servers and Odoo compared"
	@echo "make mutation [SAMPLE=600|all] [SEED=1]              whether the tests notice small changes of the code (docs/mutation.md)"
	@echo "make addon [RENDERER=no] | make renderer             the addon as a zip, in build/ | only the file that draws labels, from npm"
	@echo "make translations                                    renew i18n: the .pot from the addon, each .po from the .pot"

run:
	@$(IN_ENVIRONMENT) -m scripts.run

stop:
	@$(IN_ENVIRONMENT) -m scripts.run stop

clean:
	@$(IN_ENVIRONMENT) -m scripts.run clean

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

lint:
	@$(IN_ENVIRONMENT) -m scripts.test lint

bench:
	@$(IN_ENVIRONMENT) -m scripts.bench

soak:
	@$(IN_ENVIRONMENT) -m tests.soak

mutation:
	@$(IN_ENVIRONMENT) -m scripts.mutation

screenshots:
	@$(IN_ENVIRONMENT) -m tests.screenshots

translations:
	@$(IN_ENVIRONMENT) -m scripts.translations

renderer:
	@$(IN_ENVIRONMENT) -m scripts.label_renderer

addon:
	@$(IN_ENVIRONMENT) -m scripts.addon
