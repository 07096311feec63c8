# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += pointers
$(foreach w,pv32 pv64,$(call objs,$(w),tests/guest/pointers/main.c)): | $(PVABI_GEN)
