# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += runstate
runstate_RUN := domu
runstate_VCPUS := 2
runstate_CONFIG := cpus="0"
