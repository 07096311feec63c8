# SPDX-License-Identifier: GPL-2.0-only
# Tests of the store: host tests, real clients, fuzzing.

XENSTORE_TESTS := xenstore_directory xenstore_wire xenstore_request xenstore_transaction \
	xenstore_watch xenstore_ring xenstore_memory xenstore_model xenstore_quota \
	xenstore_death xenstore_orphan
HOST_TESTS += $(XENSTORE_TESTS)

$(foreach t,$(XENSTORE_TESTS),$(eval $(t)_test_SRCS := $(XENSTORE_CORE_SRCS) tests/host/xenstore_harness.c))
xenstore_model_test_SRCS += tests/host/xenstore_model.c

# --- real clients: tests/store/run.py --------------------------------------------------------------
STORE_TEST_DEPS := $(B)/host/xenstored-lite $(B)/host/libxenstore-lite.a $(B)/test/store_client_debian \
	$(B)/test/store_client_own $(B)/test/store_shim.so $(B)/test/store_ring_daemon \
	$(B)/peers/xen-utils/.done

STORE_CLIENT_SRCS := tests/store/client_suite.c tests/store/client_suite_host.c

$(B)/test/store_client_debian: $(STORE_CLIENT_SRCS)
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)$(host_CC) $(host_CFLAGS) '-DCLIENT_HEADER=<xenstore.h>' -o $@ $^ -lxenstore -pthread

# Our library is tried with the sanitizers.
$(B)/test/store_client_own: $(STORE_CLIENT_SRCS) $(call objs,test,$(XENSTORE_CLIENT_SRCS))
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)$(test_CC) $(test_CFLAGS) -o $@ $^ -pthread

$(B)/test/store_shim.so: tests/store/shim.c tests/store/domain_files.h
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)$(host_CC) $(host_CFLAGS) -shared -fPIC -o $@ $<

$(B)/test/store_ring_daemon: tests/store/ring_daemon.c tests/store/domain_files.h \
		$(call objs,test,$(XENSTORE_CORE_SRCS))
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)$(test_CC) $(test_CFLAGS) -o $@ $(filter %.c %.o,$^)

.PHONY: store-tests
store-tests: $(STORE_TEST_DEPS)
	$(Q)$(PYTHON) tests/store/run.py

# --- fuzzing: tests/fuzz/store_*.c ------------------------------------------------------------------
# Seeded and bounded in `make test`; for FUZZ_SECONDS each by `make fuzz`.
STORE_FUZZERS     := store_wire store_ring
storefuzz_CC      := clang
storefuzz_CFLAGS   = -std=gnu11 -O1 -g $(WARN) $(INCLUDES) \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
$(eval $(call config,storefuzz))

$(foreach f,$(STORE_FUZZERS),$(B)/fuzz/$(f)): $(B)/fuzz/%: $(B)/obj/storefuzz/tests/fuzz/%.o \
		$(call objs,storefuzz,$(XENSTORE_CORE_SRCS))
	$(call say,LD,$@)
	@mkdir -p $(dir $@)
	$(Q)$(storefuzz_CC) -fsanitize=fuzzer,address,undefined -o $@ $^

STORE_FUZZ_PROGRAMS := $(addprefix $(B)/fuzz/,$(STORE_FUZZERS))
.PHONY: store-fuzz
store-fuzz: $(STORE_FUZZ_PROGRAMS)
	$(Q)$(PYTHON) tests/fuzz/store_run.py --seconds $(FUZZ_SECONDS)

# --- a guest that uses the store over its ring: tests/store/guest_run.py ----------------------------
STORE_GUEST_SRCS := tests/store/guest/store.c tests/store/guest/hostile.c
$(eval $(call minios_float,$(STORE_GUEST_SRCS)))
define store_guest
$(call minios_image,$(1),$(B)/guests/store-$(1),$(call minios_objs,$(1)) \
	$(call objs,$(1),$(STORE_GUEST_SRCS)),$(call minios_libc,$(1)))
endef
$(eval $(call store_guest,pv32))
$(eval $(call store_guest,pv64))

# --- our client library and the store in one image: tests/store/library_run.py ----------------------
STORE_LIBRARY_SRCS := tests/store/client_suite.c tests/store/guest/client_suite_minios.c
$(eval $(call minios_float,$(STORE_LIBRARY_SRCS)))
define store_library
$(call minios_image,$(1),$(B)/guests/store-library-$(1),$(call minios_objs,$(1)) \
	$(call objs,$(1),$(STORE_LIBRARY_SRCS) $(XENSTORE_MINIOS_SRCS) $(TOOLS_HYPERCALL_SRCS) \
	tools/platform/minios.c),$(call minios_libc,$(1)))
endef
$(eval $(call store_library,pv32))
$(eval $(call store_library,pv64))
STORE_GUESTS := $(foreach w,pv32 pv64,$(B)/guests/store-$(w) $(B)/guests/store-library-$(w))

# --- side by side with Debian's daemons: tests/bench/store_bench.py ---------------------------------
$(B)/test/store_load: tests/bench/store_load.c
	$(call say,CC,$@)
	@mkdir -p $(dir $@)
	$(Q)$(host_CC) $(host_CFLAGS) -o $@ $<

.PHONY: store-bench
store-bench: $(B)/host/xenstored-lite $(B)/test/store_load $(B)/test/store_shim.so $(STORE_PEERS)
	$(Q)$(PYTHON) tests/bench/store_bench.py

# Debian's daemons to compare with, if they can be had; the tests skip what is not there.
STORE_PEERS := $(B)/peers/xen-utils/.done
$(STORE_PEERS):
	$(call say,FETCH,xen-utils-4.17)
	@mkdir -p $(dir $@)
	$(Q)cd $(dir $@) && apt-get download xen-utils-4.17 >/dev/null 2>&1 && \
		dpkg -x xen-utils-4.17_*.deb . && rm xen-utils-4.17_*.deb || true
	@touch $@

# What `make test` runs of all this besides HOST_TESTS: tests/store/*run.py, tests/fuzz/store_run.py.
test-programs: $(STORE_TEST_DEPS) $(STORE_FUZZ_PROGRAMS) $(STORE_GUESTS) $(B)/dom0-pv32
