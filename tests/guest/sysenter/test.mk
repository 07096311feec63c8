# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += sysenter
# On the second CPU, since Xen 4.17 takes SYSENTER on a stack that is gone on the first.
sysenter_RUN := domu
sysenter_CONFIG := cpus="1"
sysenter_CPU := vendor=GenuineIntel
