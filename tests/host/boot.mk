# SPDX-License-Identifier: GPL-2.0-only
# Host tests of the hypervisor's lib/, allocators, locks, and of all that reads what firmware and
# loader wrote.

HOST_TESTS += string print list bitmap rangeset alloc spinlock machine multiboot cmdline acpi console

HV_LOCK_SRCS := hypervisor/arch/spinlock.c tests/host/fake_cpu.c

string_test_SRCS :=
print_test_SRCS := hypervisor/lib/print.c
list_test_SRCS :=
bitmap_test_SRCS :=
rangeset_test_SRCS := hypervisor/lib/rangeset.c
alloc_test_SRCS := hypervisor/mm/alloc.c hypervisor/mm/kalloc.c $(HV_LOCK_SRCS)
spinlock_test_SRCS := tests/host/fake_cpu.c
console_test_SRCS := hypervisor/arch/console.c $(HV_LOCK_SRCS)
machine_test_SRCS := hypervisor/arch/machine.c
multiboot_test_SRCS := hypervisor/boot/multiboot1.c hypervisor/boot/multiboot2.c \
	hypervisor/boot/boot_parse.c hypervisor/arch/machine.c hypervisor/lib/string.c
cmdline_test_SRCS := hypervisor/boot/params.c hypervisor/lib/string.c
acpi_test_SRCS := hypervisor/arch/acpi.c
