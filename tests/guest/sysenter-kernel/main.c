/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SYSENTER by a kernel at ring 3: the CPU has lost its stack, and the frame would be written below the end
 * of the address space, where it has none.
 */
#include "tests/guest/lib/callback.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "a 64-bit kernel's own SYSENTER ends it";

static void unreachable(void)
{
	test_error("the callback came");
}

void test_main(void)
{
	NEED(!callback_register(CALLBACKTYPE_sysenter, (uintptr_t)unreachable, 0));
	test_expect_crash();
	__asm__ volatile("sysenter");
}
