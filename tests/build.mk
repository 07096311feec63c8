# SPDX-License-Identifier: GPL-2.0-only
# Running the tests: make test, make check-guests, make bench. T=pattern picks tests by name.

include tests/guest/build.mk

T    ?=
LOGS := $(B)/test-logs
JOBS ?= 2

$(B)/tests/guest/list: FORCE
	@mkdir -p $(dir $@)
	$(Q)printf '%s' '$(GUEST_TEST_LIST)' | tr '@' '\n' | sed 's/^ //' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# All that a test runs. A program that does not build is a failed test, not the end of the others.
TEST_PROGRAMS := $(HOST_TEST_PROGRAMS) $(B)/paravane $(GUEST_TEST_IMAGES) $(B)/tests/guest/list

run_tests = $(PYTHON) tests/run.py --build $(B) --logs $(LOGS) --jobs $(JOBS) $(if $(T),--only '$(T)')

test-programs: $(TEST_PROGRAMS)

test:
	$(Q)sh tools/setup/packages.sh
	-$(Q)$(MAKE) -s -k -j$(JOBS) test-programs
	$(Q)$(run_tests) --host '$(HOST_TESTS)' --abi --store --guests

check-guests: $(B)/paravane $(GUEST_TEST_IMAGES) $(B)/tests/guest/list
	$(Q)$(run_tests) --guests

.PHONY: test test-programs check-guests
