# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += tsc
tsc_CONFIG := tsc_mode="always_emulate"
