# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += grants-v1
grants-v1_RUN := domu
grants-v1_CONFIG := max_grant_version=1
