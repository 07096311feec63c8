# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += mmu-foreign
mmu-foreign_RUN := domu
