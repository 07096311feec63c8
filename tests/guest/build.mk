# SPDX-License-Identifier: GPL-2.0-only
# Guest tests: build/tests/guest/NAME-WIDTH from tests/guest/NAME/main.c, for each folder's test.mk.
#
#   GUEST_TESTS += NAME
#   NAME_WIDTHS := pv32 pv64		(both unless it says otherwise)
#   NAME_RUN := first domu paused	(as the first domain, as an unprivileged one, which is paused over and
#					over while it runs; the first two unless it says otherwise)
#   NAME_VARIANTS := one two		(one run each, the word on the command line)
#   NAME_CONFIG := key="value"	(a line of its configuration as an unprivileged one; %: the variant)
#   NAME_VCPUS := 2
#   NAME_PEERS := pv32 pv64	(one run with each: a domain of that width, created before, told `peer`)
#   NAME_MEMORY := 5120		(MiB of the machine, 256 otherwise; as the first domain only)
#   NAME_OPTIONS := word		(for the hypervisor's own command line; as the first domain only)
#   NAME_CPU := vendor=GenuineIntel	(what differs from QEMU's usual CPU)

GUEST_TESTS :=
include $(sort $(patsubst %/main.c,%/test.mk,$(wildcard tests/guest/*/main.c)))

GUEST_LIB_SRCS := $(addprefix tests/guest/lib/,bad_pointers.c callback.c clock.c console.c descriptor.c \
	guard.c ptable.c ring3.c test.c vcpu.c) minios/arch/common/tables.c minios/arch/common/user.c minios/kernel/mm.c \
	minios/kernel/pages.c minios/kernel/window.c

guest_test_widths = $(or $($(1)_WIDTHS),pv32 pv64)

define guest_test
$(call minios_image,$(1),$(B)/tests/guest/$(2)-$(1),$(call minios_core_objs,$(1)) \
	$(call objs,$(1),$(GUEST_LIB_SRCS) tests/guest/lib/guard_$(1).S $(MINIOS_USER_SRCS_$(1)) \
	tests/guest/$(2)/main.c $($(2)_SRCS)),)
GUEST_TEST_IMAGES += $(B)/tests/guest/$(2)-$(1)
endef
$(foreach t,$(GUEST_TESTS),$(foreach w,$(call guest_test_widths,$(t)),$(eval $(call \
	guest_test,$(w),$(t)))))

# What the runner has to know of each: name|width|where|vcpus|variants|config|options|peers|memory|cpu.
GUEST_TEST_LIST := $(foreach t,$(GUEST_TESTS),$(foreach w,$(call \
	guest_test_widths,$(t)),$(t)|$(w)|$(or $($(t)_RUN),first domu)|$(or \
	$($(t)_VCPUS),1)|$($(t)_VARIANTS)|$($(t)_CONFIG)|$($(t)_OPTIONS)|$($(t)_PEERS)|$(or \
	$($(t)_MEMORY),256)|$($(t)_CPU)@))
