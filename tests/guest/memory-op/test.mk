# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += memory-op
memory-op_RUN := domu
