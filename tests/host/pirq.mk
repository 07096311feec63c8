# SPDX-License-Identifier: GPL-2.0-only
# Device interrupts of guests, over a fake machine.

HOST_TESTS += pirq

pirq_test_SRCS := hypervisor/services/pirq.c tests/host/fake_services.c
