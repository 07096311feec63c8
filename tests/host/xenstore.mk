# SPDX-License-Identifier: GPL-2.0-only
# Host tests of the store.

XENSTORE_TESTS := xenstore_directory xenstore_wire xenstore_request xenstore_transaction xenstore_watch \
	xenstore_ring xenstore_model xenstore_memory
HOST_TESTS += $(XENSTORE_TESTS)

$(foreach t,$(XENSTORE_TESTS),$(eval $(t)_test_SRCS := $(XENSTORE_CORE_SRCS) tests/host/xenstore_harness.c))
xenstore_model_test_SRCS += tests/host/xenstore_model.c
