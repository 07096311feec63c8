# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += msrs-intel
msrs-intel_SRCS := tests/guest/msrs/msrs.c
msrs-intel_CPU := vendor=GenuineIntel
