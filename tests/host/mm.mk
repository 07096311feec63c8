# SPDX-License-Identifier: GPL-2.0-only
# Host tests of mm/: the frame table.

HOST_TESTS += frame

frame_test_SRCS := hypervisor/mm/frame.c hypervisor/mm/type.c hypervisor/mm/relinquish.c \
	$(HV_LOCK_SRCS)
