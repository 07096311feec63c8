# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += parking
parking_VCPUS := 2
parking_RUN := first
