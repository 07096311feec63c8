# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += pause
pause_RUN := domu paused
pause_VCPUS := 4
