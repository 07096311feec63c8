# SPDX-License-Identifier: GPL-2.0-only
# make bench: instructions per operation (see docs/bench.md). XEN=1 runs Debian's Xen beside it.

BENCH_SRCS := tests/bench/guest/main.c

define bench_guest
$(call minios_image,$(1),$(B)/bench/guest-$(1),$(call minios_core_objs,$(1)) \
	$(call objs,$(1),$(GUEST_LIB_SRCS) tests/guest/lib/guard_$(1).S $(MINIOS_USER_SRCS_$(1)) \
	$(BENCH_SRCS) tests/bench/guest/entry_$(1).S),)
endef
$(foreach w,pv32 pv64,$(eval $(call bench_guest,$(w))))

BENCH_IMAGES := $(B)/bench/guest-pv32 $(B)/bench/guest-pv64
bench-images: $(BENCH_IMAGES)
