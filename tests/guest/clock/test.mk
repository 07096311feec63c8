# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += clock
clock_VCPUS := 4
