/* SPDX-License-Identifier: GPL-2.0-only */
/* Pieces of code at ring 3. */
#include <string.h>
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

void ring3_init(void)
{
	NEED(!user_init());
	NEED(!user_map(RING3_PAGE, 2, true));
}

unsigned int ring3_run(const char *code, const char *end, unsigned long arg)
{
	memcpy((void *)RING3_PAGE, code, end - code);
	return user_run(RING3_PAGE, RING3_STACK - 64, arg);
}
