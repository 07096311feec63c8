# SPDX-License-Identifier: GPL-2.0-only
# Host tests of mm/: the frame table, the contents of page tables.

HOST_TESTS += frame tlb validate

frame_test_SRCS := hypervisor/mm/frame.c hypervisor/mm/type.c hypervisor/mm/relinquish.c \
	$(HV_LOCK_SRCS)
tlb_test_SRCS :=
validate_test_SRCS := $(addprefix hypervisor/mm/,validate.c linear.c frame.c type.c) \
	$(HV_LOCK_SRCS)
