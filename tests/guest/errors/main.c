/* SPDX-License-Identifier: GPL-2.0-only */
/* Error values are part of the ABI: which of several faults is told, by which number. */
#include <string.h>
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/callback.h"
#include "pvabi/memory.h"
#include "pvabi/nmi.h"
#include "pvabi/physdev.h"
#include "pvabi/vcpu.h"

const char test_title[] = "errors are the numbers that guests know";

#define NOWHERE ((void *)16)
#define NOBODY 1234

#ifdef __i386__
#define BY_WIDTH(pv32, pv64) (pv32)
#else
#define BY_WIDTH(pv32, pv64) (pv64)
#endif

/* --- page tables ------------------------------------------------------------------------------ */

static long ext(unsigned int cmd, unsigned long arg1, unsigned long arg2, unsigned int dom)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };

	return hypercall_mmuext_op(&op, 1, NULL, dom);
}

static void try_mmuext(void)
{
	unsigned int vcpus = 1;
	unsigned long both = (unsigned long)&vcpus;

	CHECK_EQUAL(ext(MMUEXT_MARK_SUPER, 0, 0, DOMID_SELF), -XEN_EOPNOTSUPP);
	CHECK_EQUAL(ext(MMUEXT_UNMARK_SUPER, 0, 0, DOMID_SELF), -XEN_EOPNOTSUPP);
	CHECK_EQUAL(ext(14, 0, 0, DOMID_SELF), -XEN_ENOSYS);
	CHECK_EQUAL(ext(99, 0, 0, DOMID_SELF), -XEN_ENOSYS);
	CHECK_EQUAL(ext(MMUEXT_PIN_L1_TABLE, ~0ul >> 12, 0, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(ext(MMUEXT_UNPIN_TABLE, ~0ul >> 12, 0, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(ext(MMUEXT_CLEAR_PAGE, ~0ul >> 12, 0, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(ext(MMUEXT_PIN_L1_TABLE, 0, 0, NOBODY), -XEN_ESRCH);
	CHECK_EQUAL(ext(MMUEXT_TLB_FLUSH_MULTI, 0, 16, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(ext(MMUEXT_INVLPG_MULTI, 0, 16, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(ext(MMUEXT_INVLPG_MULTI, VIRT_BASE, both, DOMID_SELF), 0);
	CHECK_EQUAL(ext(MMUEXT_SET_LDT, 1, 0, DOMID_SELF), 0);
	CHECK_EQUAL(ext(MMUEXT_SET_LDT, 1, 1, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(ext(MMUEXT_SET_LDT, 0, 8193, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(hypercall_mmuext_op(NOWHERE, 1, NULL, DOMID_SELF), -XEN_EFAULT);
	/* Caches concern who may map devices. */
	if (start_is_control()) {
		CHECK_EQUAL(ext(MMUEXT_FLUSH_CACHE, 0, 0, DOMID_SELF), 0);
		CHECK_EQUAL(ext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0, DOMID_SELF), 0);
		return;
	}
	CHECK_EQUAL(ext(MMUEXT_FLUSH_CACHE, 0, 0, DOMID_SELF), -XEN_EACCES);
	CHECK_EQUAL(ext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0, DOMID_SELF), -XEN_EINVAL);
	CHECK_EQUAL(ext(MMUEXT_PIN_L1_TABLE, 0, 0, 0), -XEN_EPERM);
	CHECK_EQUAL(ext(MMUEXT_TLB_FLUSH_ALL, 0, 0, DOMID_XEN), -XEN_EPERM);
}

/* How far it came goes where it is told; nowhere is nowhere. */
static void try_done(void)
{
	struct mmu_update req = { .ptr = 7, .val = 0 };
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };

	CHECK_EQUAL(hypercall_mmuext_op(&op, 1, NOWHERE, DOMID_SELF), 0);
	CHECK_EQUAL(hypercall_mmu_update(&req, 0, NOWHERE, DOMID_SELF), 0);
	CHECK_EQUAL(hypercall_mmu_update(&req, 1, NOWHERE, DOMID_SELF), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall_mmu_update(NOWHERE, 1, NULL, DOMID_SELF), -XEN_EFAULT);
}

static long update_va(uintptr_t va, pte_t pte, unsigned long flags)
{
#ifdef __i386__
	return hypercall4(__HYPERVISOR_update_va_mapping, va, (long)(uint32_t)pte,
			  (long)(pte >> 32), flags);
#else
	return hypercall3(__HYPERVISOR_update_va_mapping, va, pte, flags);
#endif
}

static void try_update_va(void)
{
	uintptr_t va = scratch_address();
	unsigned long vcpus[2] = { ~0ul, 0 }, bitmap = (unsigned long)vcpus;
	pte_t pte = make_pte(virt_to_mfn((void *)start_info), PTE_KERNEL_RO);
	unsigned long kind;

	for (kind = 0; kind < 4; kind++) {
		CHECK_EQUAL(update_va(va, pte, kind), 0);
		CHECK_EQUAL(update_va(va, 0, kind | UVMF_ALL), 0);
		CHECK_EQUAL(update_va(va, pte, kind | bitmap), 0);
		CHECK_EQUAL(update_va(va, 0, kind | bitmap), 0);
	}
	/* It is done before the bitmap is looked at. */
	CHECK_EQUAL(update_va(va, pte, UVMF_TLB_FLUSH | 16), -XEN_EFAULT);
	CHECK_EQUAL(update_va(va, 0, UVMF_INVLPG | 16), -XEN_EFAULT);
	CHECK_EQUAL(update_va(va, 0, UVMF_NONE | 16), 0);
	CHECK_EQUAL(update_va((uintptr_t)NOWHERE, 0, 0), -XEN_EINVAL);
	/* The local APIC's page: no RAM. */
	if (!start_is_control())
		CHECK_EQUAL(update_va(va, make_pte(0xfee00, PTE_KERNEL), 0), -XEN_EPERM);
}

/* --- the processor ---------------------------------------------------------------------------- */

static long callback(unsigned int cmd, unsigned int type)
{
	struct callback_unregister un = { .type = type };

	return hypercall2(__HYPERVISOR_callback_op, cmd, (long)&un);
}

static long assist(unsigned int cmd, unsigned int type)
{
	return hypercall2(__HYPERVISOR_vm_assist, cmd, type);
}

static void try_processor(void)
{
	unsigned int type;

	CHECK_EQUAL(callback(CALLBACKOP_unregister, CALLBACKTYPE_event), -XEN_EINVAL);
	CHECK_EQUAL(callback(CALLBACKOP_unregister, CALLBACKTYPE_failsafe), -XEN_EINVAL);
	CHECK_EQUAL(callback(CALLBACKOP_unregister, CALLBACKTYPE_syscall32), -XEN_EINVAL);
	CHECK_EQUAL(callback(CALLBACKOP_unregister, CALLBACKTYPE_sysenter), -XEN_EINVAL);
	CHECK_EQUAL(callback(CALLBACKOP_unregister, CALLBACKTYPE_syscall),
		    BY_WIDTH(-XEN_ENOSYS, -XEN_EINVAL));
	CHECK_EQUAL(callback(CALLBACKOP_unregister, CALLBACKTYPE_nmi), 0);
	CHECK_EQUAL(callback(CALLBACKOP_unregister, 77), -XEN_ENOSYS);
	CHECK_EQUAL(callback(9, 0), BY_WIDTH(-XEN_EINVAL, -XEN_ENOSYS));
	CHECK_EQUAL(hypercall2(__HYPERVISOR_callback_op, CALLBACKOP_register, 16), -XEN_EFAULT);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_nmi_op, 5, 0), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_nmi_op, XENNMI_register_callback, 16), -XEN_EFAULT);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_nmi_op, XENNMI_unregister_callback, 0), 0);

	for (type = 0; type <= VMASST_TYPE_runstate_update_flag; type++) {
		CHECK_EQUAL(assist(VMASST_CMD_disable, type), 0);
		CHECK_EQUAL(assist(VMASST_CMD_enable, type), 0);
	}
	CHECK_EQUAL(assist(VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0);
	CHECK_EQUAL(assist(VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
	CHECK_EQUAL(assist(9, 0), -XEN_ENOSYS);
	CHECK_EQUAL(assist(9, 6), -XEN_EINVAL);
	CHECK_EQUAL(assist(VMASST_CMD_enable, 31), -XEN_EINVAL);
	CHECK_EQUAL(assist(VMASST_CMD_disable, VMASST_TYPE_m2p_strict), BY_WIDTH(-XEN_EINVAL, 0));

	CHECK_EQUAL(hypercall2(__HYPERVISOR_set_debugreg, 8, 0), -XEN_ENODEV);
	CHECK_EQUAL(hypercall1(__HYPERVISOR_get_debugreg, 8), -XEN_ENODEV);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_set_debugreg, 7, 0x2000), -XEN_EPERM);
	/* A breakpoint on I/O, without CR4.DE. */
	CHECK_EQUAL(hypercall2(__HYPERVISOR_set_debugreg, 7, 0x1 | 0x2 << 16), -XEN_EPERM);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_set_debugreg, 7, 0), 0);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_set_gdt, 0, 7169), -XEN_EINVAL);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_set_gdt, 16, 512), -XEN_EFAULT);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void try_vcpu(void)
{
	struct vcpu_set_periodic_timer fast = { .period_ns = 1000 };
	struct vcpu_set_singleshot_timer past = { .timeout_abs_ns = 1,
						  .flags = VCPU_SSHOTTMR_future };
	long ret = hypercall_vcpu_op(VCPUOP_set_singleshot_timer, 0, &past);

	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_is_up, 4000, NULL), -XEN_ENOENT);
	CHECK_EQUAL(hypercall_vcpu_op(99, 0, NULL), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_is_up, 0, NULL), 1);
	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_set_periodic_timer, 0, &fast), -XEN_EINVAL);
	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_set_periodic_timer, 0, NOWHERE), -XEN_EFAULT);
	CHECK(ret == 0 || ret == -XEN_ETIME);	/* the flag may be ignored, as newer Xen does */
	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_send_nmi, 0, &past), -XEN_EINVAL);
	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, NOWHERE), -XEN_EFAULT);
	if (!start_is_control())
		CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_get_physid, 0, NOWHERE), -XEN_EINVAL);
}

static void try_memory(void)
{
	struct xen_add_to_physmap_batch batch;
	struct xen_add_to_physmap add = { .domid = DOMID_SELF };
	struct xen_memory_reservation claim = { .domid = DOMID_SELF };

	memset(&batch, 0, sizeof(batch));
	batch.domid = DOMID_SELF;
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_EACCES);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap_batch, &batch), -XEN_EACCES);
	batch.space = XENMAPSPACE_gmfn_range;
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap_batch, &batch), -XEN_EOPNOTSUPP);
	batch.domid = NOBODY;
	batch.space = XENMAPSPACE_gmfn;
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap_batch, &batch), -XEN_ESRCH);
	batch.domid = add.domid = 0;
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_EACCES);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap_batch, &batch), -XEN_EACCES);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap_batch | 5 << 6, &batch), -XEN_EACCES);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap | 5 << 6, &add), -XEN_EACCES);
	test_answer("the 65,536th of add_to_physmap: %ld",
		    hypercall_memory_op(XENMEM_add_to_physmap | 0x10000 << 6, &add));
	test_answer("the 65,536th of add_to_physmap_batch: %ld",
		    hypercall_memory_op(XENMEM_add_to_physmap_batch | 0x10000 << 6, &batch));
	add.space = XENMAPSPACE_gmfn_foreign;
	CHECK_EQUAL(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_claim_pages, &claim), -XEN_EINVAL);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_claim_pages, NOWHERE), -XEN_EFAULT);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_exchange, NOWHERE), -XEN_EFAULT);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_current_reservation, NOWHERE), -XEN_EFAULT);
}

static void try_others(void)
{
	struct physdev_set_iopl iopl = { .iopl = 4 };
	struct physdev_set_iobitmap bitmap = { .nr_ports = 65537 };

	CHECK_EQUAL(hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (long)&iopl),
		    -XEN_EINVAL);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (long)&bitmap),
		    -XEN_EINVAL);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_physdev_op, 999, 0), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_xen_version, 999, 0), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_hvm_op, 999, 0), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_set_segment_base, 99, 0),
		    BY_WIDTH(-XEN_ENOSYS, -XEN_EINVAL));
	CHECK_EQUAL(hypercall1(__HYPERVISOR_tmem_op, 0), -XEN_ENOSYS);
	if (start_is_control())
		return;
	CHECK_EQUAL(hypercall1(__HYPERVISOR_platform_op, 16), -XEN_EFAULT);
	CHECK_EQUAL(hypercall1(__HYPERVISOR_domctl, 16), -XEN_EFAULT);
	CHECK_EQUAL(hypercall1(__HYPERVISOR_sysctl, 16), -XEN_EFAULT);
}

void test_main(void)
{
	try_mmuext();
	try_done();
	try_update_va();
	try_processor();
	try_vcpu();
	try_memory();
	try_others();
}
