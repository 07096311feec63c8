/* SPDX-License-Identifier: MIT */
/* Never gives up the CPU: the hypervisor has to take it away. */
#include <stdio.h>

int main(void)
{
	volatile unsigned long turns = 0;

	printf("Spinning.\n");
	for (;;)
		turns++;
}
