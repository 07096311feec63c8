# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += tlb-stale
tlb-stale_VCPUS := 2
