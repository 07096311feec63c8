/* SPDX-License-Identifier: MIT */
/*
 * pv64 applications: kernel and application both run at ring 3, so what keeps them apart is the
 * root. The application's has one entry, the same as the kernel's for slot 1; the hypervisor
 * changes roots on the way in and out.
 */
#include <errno.h>
#include <minios/arch/arch.h>
#include <minios/arch/paging.h>
#include <minios/hypercall.h>
#include <minios/user.h>
#include "pvabi/xen.h"

static pte_t *root;

static int set_user_root(mfn_t mfn)
{
	struct mmuext_op op = { .cmd = MMUEXT_NEW_USER_BASEPTR, .arg1.mfn = mfn };

	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

int user_root_init(void)
{
	mfn_t mfn;
	int ret;

	if (root)
		return 0;
	root = page_alloc_zero();
	if (!root)
		return -ENOMEM;
	mfn = virt_to_mfn(root);
	ret = map_set(root, (uint64_t)mfn << PAGE_SHIFT | PTE_KERNEL_RO);
	if (!ret)
		ret = priv_pt_pin(mfn, PT_LEVELS);
	return ret ? ret : set_user_root(mfn);
}

/* The kernel's entry appears with the first mapping and never changes afterwards. */
int user_root_update(void)
{
	unsigned int slot = pt_index(USER_START, PT_LEVELS);
	struct priv_pt_write write = {
		.where = pt_machine(&root[slot]),
		.value = *pt_walk(USER_START, PT_LEVELS),
	};

	if (root[slot] & PTE_PRESENT)
		return 0;
	return priv_pt_write(&write, 1, NULL, DOMID_SELF);
}

void user_frame_init(struct trap_frame *f, uintptr_t ip, uintptr_t sp, unsigned long arg)
{
	f->rdi = arg;
	f->rip = ip;
	f->cs = FLAT_USER_CS;
	f->rflags = 0x202;
	f->rsp = sp;
	f->ss = FLAT_USER_SS;
}

/* A kernel's code segment in a frame has ring 0 (see entry.S). */
void user_frame_leave(struct trap_frame *f, uintptr_t sp, uintptr_t ip, long value)
{
	f->rax = value;
	f->rip = ip;
	f->cs = FLAT_KERNEL_CS & ~3;
	f->rsp = sp;
	f->ss = FLAT_KERNEL_SS;
}
