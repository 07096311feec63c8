# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += leaks
leaks_RUN := domu
leaks_VARIANTS := fill look
