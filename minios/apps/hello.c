/* SPDX-License-Identifier: MIT */
/* Says hello, counts some seconds by the timer (or as many as its argument says), and ends. */
#include <stdio.h>
#include <stdlib.h>
#include <minios/start.h>
#include <minios/time.h>
#include <minios/thread.h>

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 3;
	uint64_t next = time_monotonic();
	int i;

	printf("Hello from a guest of %lu KiB, %d-bit, %s.\n", start_info->nr_pages * 4,
	       (int)sizeof(long) * 8, start_info->magic);
	for (i = 1; i <= seconds; i++) {
		next += SEC(1);
		thread_sleep_until(next);
		printf("%d\n", i);
	}
	printf("Goodbye.\n");
	return 0;
}
