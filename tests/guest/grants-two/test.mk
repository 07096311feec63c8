# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += grants-two
grants-two_RUN := domu
grants-two_PEERS := pv32 pv64
