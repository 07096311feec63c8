# SPDX-License-Identifier: GPL-2.0-only
GUEST_TESTS += sysenter-kernel
sysenter-kernel_WIDTHS := pv64
# On the second CPU, since Xen 4.17 takes SYSENTER on a stack that is gone on the first.
sysenter-kernel_RUN := domu
sysenter-kernel_CONFIG := cpus="1"
sysenter-kernel_CPU := vendor=GenuineIntel
