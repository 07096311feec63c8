# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += platform
platform_RUN := first
