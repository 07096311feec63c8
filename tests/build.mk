# SPDX-License-Identifier: GPL-2.0-only
# Running the tests: make test, make check-guests. T=REGEX picks tests by name.

include tests/guest/build.mk
-include tests/bench/bench.mk

T    ?=
JOBS ?= $(shell nproc)
LOGS := $(B)/test-logs

$(B)/tests/guest/list: FORCE
	@mkdir -p $(dir $@)
	$(Q)printf '%s' '$(GUEST_TEST_LIST)' | tr '@' '\n' | sed 's/^ //' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# name=command for each test; the longest first, so that none is left alone at the end.
TESTS := "peers=$(PYTHON) tests/peers/run.py" \
	"system/bad-input=$(PYTHON) tests/system/bad_input_test.py" \
	"guest/pv32=$(PYTHON) tests/guest/run.py $(B)/tests/guest/list pv32" \
	"guest/pv64=$(PYTHON) tests/guest/run.py $(B)/tests/guest/list pv64" \
	"guest/on-xen=$(PYTHON) tests/guest/on_xen.py $(B)/tests/guest/list" \
	"store/guest=$(PYTHON) tests/store/guest_run.py" \
	"store/many=$(PYTHON) tests/store/many_run.py" \
	"store=$(PYTHON) tests/store/run.py" \
	"store/library=$(PYTHON) tests/store/library_run.py" \
	"store/same=$(PYTHON) tests/store/same_run.py" \
	"store/domains=$(PYTHON) tests/store/domains_run.py" \
	"store/killed=$(PYTHON) tests/store/killed_run.py" \
	"fuzz/store=$(PYTHON) tests/fuzz/store_run.py" \
	"system/guests=$(PYTHON) tests/system/guests_test.py" \
	"system/machine=$(PYTHON) tests/system/machine_test.py" \
	"system/soak=$(PYTHON) tests/system/soak_test.py" \
	"system/auto=$(PYTHON) tests/system/auto_test.py" \
	"system/debug=$(PYTHON) tests/system/debug_test.py" \
	"system/stress=$(PYTHON) tests/system/stress_test.py" \
	"system/bochs=$(PYTHON) tests/system/bochs_test.py" \
	"system/smp=$(PYTHON) tests/system/smp_test.py" \
	"system/xl=$(PYTHON) tests/system/xl_test.py" \
	"system/fairness=$(PYTHON) tests/system/fairness_test.py" \
	"abi=$(PYTHON) tests/abi/run.py $(B)" \
	"system/boot=$(PYTHON) tests/system/boot_test.py" \
	"host/xl-docs=$(PYTHON) tests/host/xl_docs_test.py" \
	$(foreach t,$(HOST_TESTS),"host/$(t)=$(B)/test/$(t)_test")

TEST_PROGRAMS = $(HOST_TEST_PROGRAMS) $(GUEST_TEST_IMAGES) $(B)/tests/guest/list $(PVABI_GEN) \
	$(PVABI_GRAMMAR) $(STORE_TEST_DEPS) $(STORE_GUESTS) $(STORE_FUZZ_PROGRAMS) $(B)/dom0-pv64

run_tests = B=$(B) $(PYTHON) tests/run.py --logs $(LOGS) --jobs $(JOBS)

# Packages first, in a make of its own: what they bring decides what the rules say.
test:
	$(Q)sh tools/setup/packages.sh
	$(Q)$(MAKE) -j$(JOBS) run-tests

run-tests: all $(TEST_PROGRAMS)
	$(Q)$(run_tests) $(if $(T),--only '$(T)') $(TESTS)

check-guests: all $(GUEST_TEST_IMAGES) $(B)/tests/guest/list
	$(Q)$(run_tests) --only '^guest/' $(TESTS)

# Bounded in `make test`.
FUZZ_SECONDS ?= 300
fuzz: store-fuzz

# What takes hours, or is only worth it before a release: the same tests, for longer.
SOAK_SECONDS ?= 1800
SOAKS := "soak/domains=env SOAK=500 $(PYTHON) tests/system/soak_test.py" \
	"soak/stress=$(PYTHON) tests/system/stress_test.py $(SOAK_SECONDS)" \
	"soak/linux=$(PYTHON) tests/peers/run.py linux-soak" \
	"soak/sched=env SCHED_TEST_ROUNDS=100 $(B)/test/sched_test"

soak: all $(TEST_PROGRAMS)
	$(Q)$(run_tests) --seconds 14400 $(if $(T),--only '$(T)') $(SOAKS)

.PHONY: test run-tests check-guests fuzz soak
