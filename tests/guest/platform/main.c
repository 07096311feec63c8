/* SPDX-License-Identifier: GPL-2.0-only */
/* platform_op by the first domain: what is there works, what is not is refused as on a poor machine. */
#include <string.h>
#include "tests/guest/lib/test.h"
#include "pvabi/domctl.h"
#include "pvabi/platform.h"
#include "pvabi/sysctl.h"

const char test_title[] = "the first domain asks for the platform";

static long platform(uint32_t cmd, struct xen_platform_op *op)
{
	op->cmd = cmd;
	op->interface_version = XENPF_INTERFACE_VERSION;
	return hypercall_platform_op(op);
}

#define OP(member, ...) ((struct xen_platform_op){ .u.member = { __VA_ARGS__ } })
#define ANSWER(cmd, member, ...)								\
	do {											\
		struct xen_platform_op op_ = OP(member, __VA_ARGS__);				\
		test_answer(#cmd " " #__VA_ARGS__ ": %ld", platform(cmd, &op_));		\
	} while (0)

/* --- symbols ---------------------------------------------------------------------------------- */

static char name[256];

static long get_symbol(uint32_t number, uint32_t room, struct xen_platform_op *op)
{
	*op = OP(symdata, .symnum = number, .namelen = room);
	set_xen_guest_handle(op->u.symdata.name, name);
	memset(name, 0x55, sizeof(name));
	return platform(XENPF_get_symbol, op);
}

static void try_symbols(void)
{
	struct xen_platform_op op;
	uint64_t last = 0;
	uint32_t number = 0, count = 0, len;

	for (;; count++) {
		NEED(!get_symbol(number, sizeof(name), &op));
		if (!name[0])
			break;
		len = op.u.symdata.namelen;
		CHECK_EQUAL(len, strlen(name) + 1);
		CHECK(op.u.symdata.address >= last);
		CHECK_EQUAL(op.u.symdata.symnum, number + 1);
		last = op.u.symdata.address;
		number = op.u.symdata.symnum;
	}
	CHECK(count > 100);
	/* Behind the last there is an empty one, and behind that nothing. */
	CHECK_EQUAL(op.u.symdata.symnum, number);
	test_answer("beyond the last symbol: %ld", get_symbol(number + 1, sizeof(name), &op));
	test_answer("far beyond: %ld", get_symbol(~0u, sizeof(name), &op));
	/* A name in less room than it needs. */
	CHECK(!get_symbol(7, sizeof(name), &op));
	len = op.u.symdata.namelen;
	CHECK(!get_symbol(7, 2, &op));
	CHECK_EQUAL(op.u.symdata.namelen, len);
	CHECK_EQUAL(name[2], 0x55);
	CHECK(!get_symbol(7, 0, &op));
	CHECK_EQUAL(name[0], 0x55);
}

/* --- what is not there ------------------------------------------------------------------------ */

static void try_cpus(void)
{
	ANSWER(XENPF_get_cpuinfo, pcpu_info, .xen_cpuid = 0);
	ANSWER(XENPF_get_cpuinfo, pcpu_info, .xen_cpuid = 1000);
	ANSWER(XENPF_get_cpu_version, pcpu_version, .xen_cpuid = 0);
	ANSWER(XENPF_get_cpu_version, pcpu_version, .xen_cpuid = 1000);
	ANSWER(XENPF_cpu_online, cpu_ol, .cpuid = 0);
	ANSWER(XENPF_cpu_online, cpu_ol, .cpuid = 1000);
	ANSWER(XENPF_cpu_online, cpu_ol, .cpuid = 1);
	ANSWER(XENPF_cpu_offline, cpu_ol, .cpuid = 0);
	ANSWER(XENPF_cpu_offline, cpu_ol, .cpuid = 1000);
	ANSWER(XENPF_cpu_hotadd, cpu_add, .apic_id = 0);
	ANSWER(XENPF_cpu_hotadd, cpu_add, .apic_id = ~0u);
	ANSWER(XENPF_core_parking, core_parking, .type = XEN_CORE_PARKING_GET);
	ANSWER(XENPF_core_parking, core_parking, .type = XEN_CORE_PARKING_SET);
	ANSWER(XENPF_core_parking, core_parking, .type = 77);
	ANSWER(XENPF_change_freq, change_freq, .cpu = 0, .freq = 1);
	ANSWER(XENPF_change_freq, change_freq, .flags = 1);
	ANSWER(XENPF_set_processor_pminfo, set_pminfo, .type = XEN_PM_CX);
	ANSWER(XENPF_set_processor_pminfo, set_pminfo, .type = XEN_PM_PX);
	ANSWER(XENPF_set_processor_pminfo, set_pminfo, .type = XEN_PM_TX);
	ANSWER(XENPF_set_processor_pminfo, set_pminfo, .type = XEN_PM_PDC);
	ANSWER(XENPF_set_processor_pminfo, set_pminfo, .type = 77);
	ANSWER(XENPF_microcode_update, microcode, .length = 0);
	ANSWER(XENPF_microcode_update, microcode, .length = 64);
}

static void try_machine(void)
{
	ANSWER(XENPF_settime64, settime64, .mbz = 1);
	ANSWER(XENPF_platform_quirk, platform_quirk, .quirk_id = QUIRK_NOIRQBALANCING);
	ANSWER(XENPF_platform_quirk, platform_quirk, .quirk_id = 77);
	ANSWER(XENPF_read_memtype, read_memtype, .reg = 0);
	ANSWER(XENPF_read_memtype, read_memtype, .reg = 1000);
	ANSWER(XENPF_add_memtype, add_memtype, .mfn = 1, .nr_mfns = 3, .type = 6);
	ANSWER(XENPF_add_memtype, add_memtype, .type = 77);
	ANSWER(XENPF_del_memtype, del_memtype, .reg = 1000);
	ANSWER(XENPF_del_memtype, del_memtype, .handle = 1, .reg = 0);
	ANSWER(XENPF_mem_hotadd, mem_add, .spfn = 1);
	ANSWER(XENPF_enter_acpi_sleep, enter_acpi_sleep, .sleep_state = 77);
}

static void try_firmware(void)
{
	ANSWER(XENPF_efi_runtime_call, efi_runtime_call, .function = XEN_EFI_get_time);
	ANSWER(XENPF_efi_runtime_call, efi_runtime_call, .function = XEN_EFI_get_time, .misc = 1);
	ANSWER(XENPF_efi_runtime_call, efi_runtime_call, .function = XEN_EFI_get_variable);
	ANSWER(XENPF_efi_runtime_call, efi_runtime_call, .function = 77);
	ANSWER(XENPF_firmware_info, firmware_info, .type = XEN_FW_DISK_INFO, .index = 200);
	ANSWER(XENPF_firmware_info, firmware_info, .type = XEN_FW_DISK_MBR_SIGNATURE, .index = 200);
	ANSWER(XENPF_firmware_info, firmware_info, .type = XEN_FW_VBEDDC_INFO, .index = 1);
	ANSWER(XENPF_firmware_info, firmware_info, .type = XEN_FW_EFI_INFO);
	ANSWER(XENPF_firmware_info, firmware_info, .type = XEN_FW_KBD_SHIFT_FLAGS);
	ANSWER(XENPF_firmware_info, firmware_info, .type = XEN_FW_KBD_SHIFT_FLAGS, .index = 1);
	ANSWER(XENPF_firmware_info, firmware_info, .type = 77);
}

static void try_resources(void)
{
	static struct xenpf_resource_entry entries[4];
	struct xen_platform_op op = OP(resource_op, .nr_entries = 1);
	long ret;

	set_xen_guest_handle(op.u.resource_op.entries, entries);
	entries[0].idx = 0x1b;
	ret = platform(XENPF_resource_op, &op);
	test_answer("resource_op, the APIC's base: %ld, %d", ret, entries[0].u.ret);
	op.u.resource_op.nr_entries = 4;
	test_answer("resource_op of four: %ld", platform(XENPF_resource_op, &op));
}

/* --- what there may be of the other control operations ----------------------------------------- */

static void try_sysctls(void)
{
	static const uint32_t commands[] = {
		XEN_SYSCTL_tbuf_op, XEN_SYSCTL_perfc_op, XEN_SYSCTL_get_pmstat, XEN_SYSCTL_pm_op,
		XEN_SYSCTL_page_offline_op, XEN_SYSCTL_lockprof_op, XEN_SYSCTL_psr_cmt_op,
		XEN_SYSCTL_psr_alloc, XEN_SYSCTL_coverage_op, XEN_SYSCTL_livepatch_op,
	};
	struct xen_sysctl op = { .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		memset(&op.u, 0, sizeof(op.u));
		op.cmd = commands[i];
		if (op.cmd == XEN_SYSCTL_pm_op)
			op.u.pm_op.cmd = GET_CPUFREQ_PARA;
		test_answer("sysctl %u: %ld", op.cmd, hypercall_sysctl(&op));
	}
}

static void try_domctls(void)
{
	static const uint32_t commands[] = {
		XEN_DOMCTL_subscribe, XEN_DOMCTL_gethvmcontext, XEN_DOMCTL_sethvmcontext,
		XEN_DOMCTL_assign_device, XEN_DOMCTL_test_assign_device, XEN_DOMCTL_deassign_device,
		XEN_DOMCTL_bind_pt_irq, XEN_DOMCTL_unbind_pt_irq, XEN_DOMCTL_memory_mapping,
		XEN_DOMCTL_ioport_mapping, XEN_DOMCTL_set_target, XEN_DOMCTL_get_device_group,
		XEN_DOMCTL_debug_op, XEN_DOMCTL_vm_event_op, XEN_DOMCTL_mem_sharing_op,
		XEN_DOMCTL_setvcpuextstate, XEN_DOMCTL_getvcpuextstate, XEN_DOMCTL_set_access_required,
		XEN_DOMCTL_audit_p2m, XEN_DOMCTL_set_virq_handler, XEN_DOMCTL_set_broken_page_p2m,
		XEN_DOMCTL_cacheflush, XEN_DOMCTL_get_vcpu_msrs, XEN_DOMCTL_set_vcpu_msrs,
		XEN_DOMCTL_setvnumainfo, XEN_DOMCTL_psr_cmt_op, XEN_DOMCTL_psr_alloc,
		XEN_DOMCTL_monitor_op, XEN_DOMCTL_soft_reset, XEN_DOMCTL_vuart_op, XEN_DOMCTL_vmtrace_op,
		XEN_DOMCTL_get_paging_mempool_size, XEN_DOMCTL_set_paging_mempool_size,
		XEN_DOMCTL_gdbsx_guestmemio, XEN_DOMCTL_gdbsx_pausevcpu,
		XEN_DOMCTL_gdbsx_unpausevcpu, XEN_DOMCTL_gdbsx_domstatus,
	};
	struct xen_domctl op = { .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		memset(&op.u, 0, sizeof(op.u));
		op.cmd = commands[i];
		op.domain = 0;
		test_answer("domctl %u: %ld", op.cmd, hypercall_domctl(&op));
	}
}

void test_main(void)
{
	struct xen_platform_op op = { .interface_version = XENPF_INTERFACE_VERSION + 1 };

	try_symbols();
	try_cpus();
	try_machine();
	try_firmware();
	try_resources();
	try_sysctls();
	try_domctls();
	test_answer("no such operation: %ld", platform(1000, &op));
	op.interface_version++;
	test_answer("another version: %ld", hypercall_platform_op(&op));
}
