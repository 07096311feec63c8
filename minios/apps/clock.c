/* SPDX-License-Identifier: MIT */
/* Shows system time and wall clock once a second, by a timer; as often as its argument says. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <minios/sync.h>
#include <minios/time.h>

static struct semaphore tick = SEMAPHORE_INIT(tick, 0);

static void timer_fired(struct timer *t, void *ctx)
{
	(void)ctx;
	timer_set(t, t->deadline + SEC(1));
	semaphore_up(&tick);
}

static void show(void)
{
	uint64_t now = time_monotonic();
	time_t wall = time_wall() / NS_PER_SEC;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime(&wall));
	printf("system time %llu.%09llu  wall clock %s UTC\n", now / NS_PER_SEC, now % NS_PER_SEC,
	       text);
}

int main(int argc, char **argv)
{
	long left = argc > 1 ? atol(argv[1]) : -1;
	struct timer timer;

	timer_init(&timer, timer_fired, NULL);
	timer_set(&timer, time_monotonic());
	for (; left; left -= left > 0) {
		semaphore_down(&tick);
		show();
	}
	timer_cancel(&timer);
	return 0;
}
