# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += tsc
tsc_VARIANTS := default always_emulate native
tsc_CONFIG := tsc_mode="%"
