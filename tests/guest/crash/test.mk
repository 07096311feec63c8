# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += crash
crash_VARIANTS := trap-table no-handler kernel-stack kernel-stack-read-only kernel-stack-hv \
	kernel-stack-midway kernel-stack-wrapping kernel-stack-of-call stack gdt callback root
