# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += evtchn-wakeup
evtchn-wakeup_VCPUS := 2
