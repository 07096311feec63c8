# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += table-roots
table-roots_VCPUS := 2
table-roots_MEMORY := 5120
