/* SPDX-License-Identifier: MIT */
/* Applications: their pages, and the way into them. */
#include <errno.h>
#include <minios/arch/arch.h>
#include <minios/irq.h>
#include <minios/mm.h>
#include <minios/user.h>

int user_init(void)
{
	return user_root_init();
}

int user_map(uintptr_t va, size_t pages, bool writable)
{
	pte_t flags = (writable ? PTE_KERNEL : PTE_KERNEL_RO) | PTE_USER;
	int ret;

	if (va < USER_START || va >= USER_END || pages > (USER_END - va) >> PAGE_SHIFT)
		return -EINVAL;
	ret = anon_map((void *)va, pages, flags);
	return ret ? ret : user_root_update();
}

bool user_readable(uintptr_t va, size_t len)
{
	uintptr_t end = va + len;

	if (va < USER_START || end < va || end > USER_END)
		return false;
	for (va &= ~(uintptr_t)(PAGE_SIZE - 1); va < end; va += PAGE_SIZE)
		if (!(map_lookup((void *)va) & PTE_USER))
			return false;
	return true;
}

/* Where traps of the application build their frames; the landing takes the stack from there. */
static uintptr_t kernel_sp;

long user_run(uintptr_t ip, uintptr_t sp, unsigned long arg)
{
	struct trap_frame frame = { .vector = 0 };
	long ret;

	user_frame_init(&frame, ip, sp, arg);
	irq_save();
	ret = user_switch(&frame, &kernel_sp);
	return ret;
}

void user_leave(struct trap_frame *frame, long value)
{
	user_frame_leave(frame, kernel_sp, (uintptr_t)user_landing, value);
}
