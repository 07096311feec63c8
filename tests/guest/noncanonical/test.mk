# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += noncanonical
noncanonical_WIDTHS := pv64
