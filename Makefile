# make run    everything on this machine, until Ctrl-C        make test   the whole suite and the linters
# make setup  only the virtual environment                    make lint   only the linters
PYTHON ?= python3
VENV := .venv
RUN_STAMP := $(VENV)/.run-$(firstword $(shell cksum requirements.txt))
TEST_STAMP := $(VENV)/.test-$(firstword $(shell cat requirements.txt tests/requirements.txt | cksum))
LOCAL := $(VENV)/bin/python -m outrush_site.local

# An environment whose Python is gone (moved, upgraded) is made anew.
$(shell $(VENV)/bin/python -c '' 2>/dev/null || rm -rf $(VENV)/pyvenv.cfg $(VENV)/.run-* $(VENV)/.test-*)

.PHONY: run test lint setup
.SILENT:

run: $(RUN_STAMP)
	exec $(LOCAL) run

test: $(TEST_STAMP)
	exec $(LOCAL) test $(ARGS)

lint: $(TEST_STAMP)
	exec $(LOCAL) lint

setup: $(RUN_STAMP)

# Compiling all that is installed takes as long as installing it, and Python compiles what it needs anyway.
define install
	echo "Installing what the $(1) into $(VENV) …"
	$(VENV)/bin/python -m pip install --disable-pip-version-check --no-input --no-compile $(2) >$(VENV)/pip.log 2>&1 \
		|| { tail -n 5 $(VENV)/pip.log >&2; echo "make: pip failed, all it said is in $(VENV)/pip.log" >&2; exit 1; }
endef

# The stamps' names hold the checksum of what is installed, so a changed requirement installs again.
$(RUN_STAMP): requirements.txt | $(VENV)/pyvenv.cfg
	$(call install,site needs (the first time this takes half a minute),-r requirements.txt)
	rm -f $(VENV)/.run-* && touch $@

$(TEST_STAMP): tests/requirements.txt $(RUN_STAMP)
	$(call install,tests need,-r requirements.txt -r tests/requirements.txt)
	rm -f $(VENV)/.test-* && touch $@

$(VENV)/pyvenv.cfg:
	command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON). Install Python 3.11 or newer." >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: Python 3.11 or newer is needed. Try for example: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "make: $(PYTHON) lacks its venv module. On Debian: apt-get install python3-venv" >&2; exit 1; }
	echo "Making $(VENV) …"
	$(PYTHON) -m venv --clear $(VENV)
