# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += msrs
msrs_SRCS := tests/guest/msrs/msrs.c
