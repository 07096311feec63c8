/* SPDX-License-Identifier: MIT */
/* Crashes by a page fault in the kernel's own ring, some calls deep, as the back-trace shows. */
#include <stdio.h>

#define noinline __attribute__((noinline))

static noinline void poke(volatile int *p)
{
	*p = 1;
}

static noinline void middle(volatile int *p)
{
	poke(p);
	printf("the write was not stopped\n");
}

static noinline void outer(void)
{
	/* By way of a variable, since the compiler refuses what it can foresee. */
	volatile unsigned long address = 16;

	middle((volatile int *)address);
}

int main(void)
{
	printf("About to write to address 16.\n");
	outer();
	return 0;
}
