/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall page: 32 bytes for each call number, called by the guest.
 *
 *	pv64				pv32
 *	push %rcx; push %r11		mov $number, %eax
 *	mov $number, %eax		int $0x82
 *	syscall				ret
 *	pop %r11; pop %rcx; ret
 *
 * HYPERVISOR_iret does not return: guests jump to it, with the frame of struct iret_context (pv32:
 * the CPU's own) on their stack, and what it pushes (rcx, r11, rax; eax) completes that frame.
 */
#include "hypervisor/domain/hypercall_page.h"

#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "pvabi/xen.h"

#define SLOT_SIZE	32
#define NUMBER_AT	1	/* behind the opcode of mov $imm32, %eax */

struct stub {
	u8 code[SLOT_SIZE];
	u8 mov_at;		/* where `mov $number, %eax` stands */
	u8 len;
};

static const struct stub call64 = {
	{ 0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3 }, 3, 14,
};
static const struct stub iret64 = {
	{ 0x51, 0x41, 0x53, 0x50, 0xb8, 0, 0, 0, 0, 0x0f, 0x05 }, 4, 11,
};
static const struct stub call32 = {
	{ 0xb8, 0, 0, 0, 0, 0xcd, 0x82, 0xc3 }, 0, 8,
};
static const struct stub iret32 = {
	{ 0x50, 0xb8, 0, 0, 0, 0, 0xcd, 0x82 }, 1, 8,
};

void hypercall_page_fill(u8 *page, bool is_pv32)
{
	memset(page, 0xcc, PAGE_SIZE);	/* int3, where nobody should come */
	for (u32 number = 0; number < PAGE_SIZE / SLOT_SIZE; number++) {
		const struct stub *stub = number == __HYPERVISOR_iret ?
			(is_pv32 ? &iret32 : &iret64) : (is_pv32 ? &call32 : &call64);
		u8 *slot = page + number * SLOT_SIZE;

		memcpy(slot, stub->code, stub->len);
		memcpy(slot + stub->mov_at + NUMBER_AT, &number, sizeof(number));
	}
}

/* Writable by its owner, so it is nobody's page table or descriptor page while we write it. */
int hypercall_page_make(struct domain *d, mfn_t mfn)
{
	if (!mfn_valid(mfn) || get_frame_and_type(mfn_to_frame(mfn), d, FT_WRITABLE))
		return -EACCES;
	hypercall_page_fill(mfn_to_virt(mfn), d->is_pv32);
	put_frame_and_type(mfn_to_frame(mfn));
	return 0;
}
