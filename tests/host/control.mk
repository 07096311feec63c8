# SPDX-License-Identifier: GPL-2.0-only
# Host tests of memory_op, control operations, and the construction of the first domain.

HOST_TESTS += hv_elf dom0_layout hypercall_page policy memory_op domctl hv_info sysctl keys

hv_elf_test_SRCS := hypervisor/boot/elf.c hypervisor/boot/elf_notes.c hypervisor/lib/string.c \
	tests/host/make_elf.c
dom0_layout_test_SRCS := hypervisor/boot/dom0_layout.c
policy_test_SRCS := hypervisor/control/policy.c

FAKE_CONTROL_SRCS := tests/host/fake_control.c tests/host/fake_cpu.c hypervisor/arch/spinlock.c \
	$(addprefix hypervisor/mm/,alloc.c kalloc.c frame.c type.c) hypervisor/lib/rangeset.c \
	$(addprefix hypervisor/hypercall/,guest_info.c claim.c)
hypercall_page_test_SRCS := $(FAKE_CONTROL_SRCS) hypervisor/domain/hypercall_page.c
memory_op_test_SRCS := $(FAKE_CONTROL_SRCS) $(addprefix hypervisor/hypercall/,memory.c \
	reservation.c exchange.c memory_map.c memory_resource.c)
domctl_test_SRCS := $(FAKE_CONTROL_SRCS) $(addprefix hypervisor/control/,domctl.c domctl_domain.c \
	domctl_memory.c domctl_vcpu.c domctl_sched.c domain_info.c bitmap_io.c policy.c \
	cpu_policy.c) hypervisor/arch/descriptor.c hypervisor/domain/cpuid.c \
	hypervisor/domain/cpuid_policy.c \
	hypervisor/domain/hypercall_page.c \
	hypervisor/services/time_tsc.c hypervisor/domain/changes.c
hv_info_test_SRCS := $(FAKE_CONTROL_SRCS) $(addprefix hypervisor/hypercall/,version.c console.c \
	physdev.c misc.c) hypervisor/lib/string.c tests/host/fake_pirq.c
sysctl_test_SRCS := $(FAKE_CONTROL_SRCS) $(addprefix hypervisor/control/,sysctl.c sysctl_host.c \
	platform.c domain_info.c bitmap_io.c policy.c cpu_policy.c) \
	hypervisor/domain/cpuid.c hypervisor/domain/cpuid_policy.c hypervisor/services/time_tsc.c
keys_test_SRCS := $(FAKE_CONTROL_SRCS) hypervisor/control/keys.c hypervisor/arch/lock_stats.c
