/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work for a Linux guest that its shell cannot do: threads, timers, signals on their own stack, memory
 * that is protected and shared, floating point and vector registers across switches. Prints one line
 * for each; exits with the number of those that failed.
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
#include <sys/syscall.h>
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

/* --- vector registers ---------------------------------------------------------------------------- */

#ifdef __x86_64__
#define VECTORS	16
#define EACH_YMM(x) \
	x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) x(12) x(13) x(14) x(15)
#define CALL	"mov %[call], %%rax; syscall"
#define CALL_CLOBBERS "rax", "rcx", "r11"
#else
#define VECTORS	8
#define EACH_YMM(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7)
#define CALL	"mov %[call], %%eax; int $0x80"
#define CALL_CLOBBERS "eax"
#endif

struct vectors {
	unsigned char bytes[VECTORS][32];
};

#define LOAD_YMM(n)  "vmovdqu " #n "*32(%[want]), %%ymm" #n "\n"
#define STORE_YMM(n) "vmovdqu %%ymm" #n ", " #n "*32(%[got])\n"
#define CLOBBER_YMM(n) , "xmm" #n

/* All registers are loaded, the processor is given away by a system call or by force, all are stored. */
__attribute__((target("avx"))) static void hold(const struct vectors *want, struct vectors *got,
						long turns, long call)
{
	__asm__ volatile(EACH_YMM(LOAD_YMM)
			 "1:	test %[call], %[call]\n"
			 "	js 2f\n"
			 "	" CALL "\n"
			 "2:	dec %[turns]\n"
			 "	jnz 1b\n" EACH_YMM(STORE_YMM)
			 : [turns] "+r"(turns)
			 : [want] "r"(want), [got] "r"(got), [call] "r"(call)
			 : CALL_CLOBBERS, "memory", "cc" EACH_YMM(CLOBBER_YMM));
}

static int hold_vectors(int pattern)
{
	struct vectors want, got;
	int round, i;

	for (i = 0; i < VECTORS; i++)
		memset(want.bytes[i], pattern + i, sizeof(want.bytes[i]));
	for (round = 0; round < 200; round++) {
		hold(&want, &got, round % 2 ? 10 : 100000, round % 2 ? SYS_sched_yield : -1);
		if (memcmp(&want, &got, sizeof(want)))
			return 1;
	}
	return 0;
}

/*
 * What an application finds by asking the CPU, its kernel must have found as well, or the registers
 * would not be its own for long.
 */
static void try_vectors(void)
{
	int child, status;
	bool ok = true;

	if (!__builtin_cpu_supports("avx")) {
		report("vector registers, of which there are none", true);
		return;
	}
	for (child = 0; child < 6; child++)
		if (!fork())
			_exit(hold_vectors(child * 32));
	for (child = 0; child < 6; child++) {
		wait(&status);
		ok = ok && WIFEXITED(status) && !WEXITSTATUS(status);
	}
	report("vector registers", ok);
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
	volatile int i;

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
	try_vectors();
	try_protection();
	try_timers();
	try_fork();
	return failures;
}
