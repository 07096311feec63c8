# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += failsafe
failsafe_VCPUS := 4
