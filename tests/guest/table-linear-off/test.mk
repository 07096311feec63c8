# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += table-linear-off
table-linear-off_RUN := first
table-linear-off_OPTIONS := pv-linear-pt=no
