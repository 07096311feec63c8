/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work for a Linux guest that its shell cannot do: threads, timers, signals on their own stack, memory
 * that is protected and shared, floating point across switches. Prints one line for each; exits with
 * the number of those that failed.
 */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS	20000
#define PAGE	4096

static int failures;

static void report(const char *what, bool ok)
{
	printf("work: %s %s\n", what, ok ? "ok" : "FAILED");
	failures += !ok;
}

/* --- threads ------------------------------------------------------------------------------------ */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static long counted;
static atomic_long counted_atomically;

static void *count(void *arg)
{
	int i;

	(void)arg;
	pthread_barrier_wait(&barrier);
	for (i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		counted++;
		pthread_mutex_unlock(&mutex);
		counted_atomically++;
	}
	return NULL;
}

static void try_threads(void)
{
	pthread_t thread[THREADS];
	int i;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, count, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	report("threads", counted == THREADS * ROUNDS && counted_atomically == counted);
}

/* Each thread computes what it knows the result of, for long enough to be switched away from. */
static void *compute(void *arg)
{
	double step = 1 + (long)arg, sum = 0;
	long i;

	for (i = 0; i < 300000; i++)
		sum += sqrt(step * step);
	return (void *)(long)(sum == 300000 * step);
}

static void try_floating_point(void)
{
	pthread_t thread[THREADS];
	bool ok = true;
	void *result;
	long i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, compute, (void *)i);
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &result);
		ok = ok && result;
	}
	report("floating point", ok);
}

/* --- signals and timers -------------------------------------------------------------------------- */

static sigjmp_buf back;
static atomic_int ticks;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	siglongjmp(back, info->si_code == SEGV_ACCERR ? 2 : 1);
}

static void try_protection(void)
{
	static char stack[65536];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	volatile char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				   -1, 0);
	volatile int faults = 0;
	int i;

	sigaltstack(&other, NULL);
	sigaction(SIGSEGV, &action, NULL);
	for (i = 0; i < 200; i++) {
		*page = i;
		mprotect((void *)page, PAGE, PROT_READ);
		if (sigsetjmp(back, 1) == 0)
			*page = 0;
		else
			faults++;
		mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE);
	}
	munmap((void *)page, PAGE);
	if (sigsetjmp(back, 1) == 0)
		*page = 0;
	else
		faults++;
	report("protection faults", faults == 201);
}

static void on_tick(int number)
{
	(void)number;
	ticks++;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void try_timers(void)
{
	struct itimerspec every = { { 0, 20000000 }, { 0, 20000000 } };
	struct timespec pause = { 0, 50000000 };
	double begin = seconds(), last = begin, t;
	bool forward = true;
	timer_t timer;

	signal(SIGALRM, on_tick);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	timer_settime(timer, 0, &every, NULL);
	while (ticks < 20 && last < begin + 20) {
		t = seconds();
		forward = forward && t >= last;
		last = t;
	}
	timer_delete(timer);
	report("interval timer", ticks >= 20 && last >= begin + 0.39);
	begin = seconds();
	nanosleep(&pause, NULL);
	report("sleep", seconds() >= begin + 0.05);
	report("time goes forward", forward);
}

/* --- processes and memory ------------------------------------------------------------------------ */

/* Children see the parent's memory as it was, and what they write stays theirs unless it is shared. */
static void try_fork(void)
{
	size_t size = 256 * PAGE, i;
	int *own = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	atomic_int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool ok = true;
	int child, status;

	memset(own, 1, size);
	for (child = 0; child < 16; child++) {
		if (fork())
			continue;
		for (i = 0; i < size / sizeof(*own); i++)
			own[i] += child;
		(*shared)++;
		_exit(own[7] == 0x01010101 + child ? 0 : 1);
	}
	for (child = 0; child < 16; child++) {
		wait(&status);
		ok = ok && WIFEXITED(status) && !WEXITSTATUS(status);
	}
	for (i = 0; i < size / sizeof(*own); i++)
		ok = ok && own[i] == 0x01010101;
	report("copy on write", ok && *shared == 16);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	try_threads();
	try_floating_point();
	try_protection();
	try_timers();
	try_fork();
	return failures;
}
