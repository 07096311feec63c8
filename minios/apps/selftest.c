/* SPDX-License-Identifier: MIT */
/* Tries the kernel's parts against each other, says what failed, ends with a verdict. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <minios/event.h>
#include <minios/file.h>
#include <minios/grant.h>
#include <minios/foreign.h>
#include <minios/mm.h>
#include <minios/start.h>
#include <minios/sync.h>
#include <minios/thread.h>
#include <minios/time.h>

static unsigned int checks, failures;

static void check(int line, const char *what, bool ok)
{
	checks++;
	if (ok)
		return;
	failures++;
	printf("line %d: %s\n", line, what);
}

#define CHECK(condition) check(__LINE__, #condition, condition)

/* --- threads ---------------------------------------------------------------------------------- */
static struct semaphore ping = SEMAPHORE_INIT(ping, 0), pong = SEMAPHORE_INIT(pong, 0);
static struct mutex lock = MUTEX_INIT(lock);
static unsigned int turns, inside;

static void player(void *arg)
{
	unsigned int i, n = (unsigned long)arg;

	for (i = 0; i < n; i++) {
		semaphore_down(&ping);
		turns++;
		semaphore_up(&pong);
	}
}

static void locker(void *arg)
{
	int i;

	for (i = 0; i < 10; i++) {
		mutex_lock(&lock);
		mutex_lock(&lock);
		*(bool *)arg &= inside++ == 0;
		thread_yield();
		inside--;
		mutex_unlock(&lock);
		mutex_unlock(&lock);
		thread_yield();
	}
}

static void test_threads(void)
{
	unsigned long pages = pages_free_count();
	struct thread *t[8];
	bool alone = true;
	int i;

	t[0] = thread_create("player", player, (void *)100, 0);
	for (i = 0; i < 100; i++) {
		semaphore_up(&ping);
		semaphore_down(&pong);
	}
	thread_join(t[0]);
	CHECK(turns == 100);
	for (i = 0; i < 8; i++)
		t[i] = thread_create("locker", locker, &alone, 8192);
	for (i = 0; i < 8; i++)
		thread_join(t[i]);
	CHECK(alone);
	CHECK(!semaphore_try_down(&ping));
	/* Tables for the window and a page of heap may have been taken, no stacks. */
	CHECK(pages - pages_free_count() < 16);
}

static void errno_thread(void *arg)
{
	errno = 0;
	*(bool *)arg = fopen("/nowhere", "r") == NULL && errno == ENOENT;
}

static void test_reentrancy(void)
{
	bool own = false;
	struct thread *t;

	errno = EXDEV;
	t = thread_create("errno", errno_thread, &own, 0);
	thread_join(t);
	CHECK(own && errno == EXDEV);
	CHECK(!strcmp(strerror(ENOSYS), "Function not implemented"));
	CHECK(ENOSYS == 38 && EOPNOTSUPP == 95 && ETIMEDOUT == 110);
}

/* --- time ------------------------------------------------------------------------------------- */
static void fired(struct timer *t, void *ctx)
{
	*(uint64_t *)ctx = time_monotonic() - t->deadline;
}

static void test_time(void)
{
	struct wait_queue nobody = WAIT_QUEUE_INIT(nobody);
	uint64_t start = time_monotonic(), before = start, late = 0, late2 = 0;
	struct timer a, b;
	int i;

	for (i = 0; i < 10000; i++) {
		uint64_t now = time_monotonic();

		if (now < before)
			break;
		before = now;
	}
	CHECK(i == 10000);
	start = time_monotonic();
	thread_sleep(MSEC(50));
	CHECK(time_monotonic() - start >= MSEC(50));
	timer_init(&a, fired, &late);
	timer_init(&b, fired, &late2);
	timer_set(&a, time_monotonic() + MSEC(20));
	timer_set(&b, time_monotonic() + MSEC(10));
	CHECK(timer_next_deadline() == b.deadline);
	CHECK(timer_cancel(&b) && !timer_cancel(&b));
	thread_sleep(MSEC(40));
	CHECK(!a.pending && late && !late2);
	start = time_monotonic();
	CHECK(!wait_event_until(&nobody, false, start + MSEC(5)));
	CHECK(time_monotonic() >= start + MSEC(5));
	CHECK(time_wall() / NS_PER_SEC > 1600000000);
}

/* --- events ----------------------------------------------------------------------------------- */
static volatile unsigned int upcalls;

static void count_event(evtchn_port_t port, void *ctx)
{
	(void)port;
	upcalls += *(unsigned int *)ctx;
}

static void test_events(void)
{
	unsigned int one = 1, ten = 10;
	int a = event_alloc_unbound(DOMID_SELF, count_event, &one);
	int b = event_bind_interdomain(DOMID_SELF, a, count_event, &ten);
	struct evtchn_status status;

	CHECK(a > 0 && b > 0);
	/* Binding signals the local end once, for what may have been sent before. */
	upcalls = 0;
	CHECK(!event_notify(b) && upcalls == 1);
	CHECK(!event_notify(a) && upcalls == 11);
	event_mask(b);
	event_notify(a);
	event_notify(a);
	CHECK(upcalls == 11);
	event_unmask(b);
	CHECK(upcalls == 21);
	CHECK(!event_status(DOMID_SELF, a, &status) && status.status == EVTCHNSTAT_interdomain);
	CHECK(event_take(a, count_event, NULL) == -EBUSY);
	event_close(b);
	event_close(a);
	CHECK(event_notify(a) < 0);
}

/* Ports to other domains are held until threads had their turn: domain 0 plays another domain. */
static void test_held_events(void)
{
	unsigned int one = 1;
	int a, b;

	if (!start_is_control())
		return;
	a = event_alloc_unbound(0, count_event, &one);
	b = event_bind_interdomain(0, a, count_event, &one);
	CHECK(a > 0 && b > 0);
	thread_yield();
	upcalls = 0;
	event_notify(b);
	event_notify(b);
	event_notify(b);
	CHECK(upcalls == 1);
	thread_yield();
	CHECK(upcalls == 2);
	thread_yield();
	CHECK(upcalls == 2);
	event_notify(b);
	event_mask(a);
	event_notify(b);
	thread_yield();
	CHECK(upcalls == 3);
	event_close(a);
	event_close(b);
}

/* A timer that fires as often as it can, on top of code that would notice a lost register. */
static void storm(struct timer *t, void *ctx)
{
	++*(volatile unsigned int *)ctx;
	timer_set(t, time_monotonic() + 20 * NS_PER_USEC);
}

static uint32_t churn(uint32_t rounds)
{
	uint32_t a = 1, b = 2, c = 3, d = 4, e = 5;

	for (; rounds; rounds--) {
		a += b ^ c;
		b = (b << 5 | b >> 27) + d;
		c ^= e + a;
		d -= c;
		e = e * 3 + a;
		if (!(rounds & 0xffff))
			irq_restore(irq_save());
	}
	return a ^ b ^ c ^ d ^ e;
}

static void test_event_storm(void)
{
	volatile unsigned int fires = 0;
	uint32_t calm = churn(3000000);
	struct timer t;

	timer_init(&t, storm, (void *)&fires);
	timer_set(&t, time_monotonic());
	CHECK(churn(3000000) == calm);
	timer_cancel(&t);
	CHECK(fires > 10);
}

/* --- descriptors ------------------------------------------------------------------------------ */
static uint64_t descriptor(uint32_t base, uint32_t limit, uint8_t access)
{
	return (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)access << 40 |
	       (uint64_t)(limit >> 16 & 0xf) << 48 | 1ull << 54 | (uint64_t)(base >> 24) << 56;
}

/* A data segment of ring 3, which the kernel may use in both widths, over one variable. */
static void test_descriptors(void)
{
	static uint32_t here[4] = { 0x11111111, 0x22222222 };
	uint64_t *gdt = page_alloc_zero();
	mfn_t mfn = virt_to_mfn(gdt);
	uint32_t seen;

	gdt[5] = descriptor((uintptr_t)here, sizeof(here) - 1, 0xf3);
	CHECK(!map_set(gdt, (uint64_t)mfn << PAGE_SHIFT | PTE_KERNEL_RO));
	CHECK(!priv_load_gdt(mfn, 16));
	__asm__ volatile("mov %1, %%fs; movl %%fs:4, %0" : "=r"(seen) : "r"(5 * 8 | 3));
	CHECK(seen == 0x22222222);
	__asm__ volatile("mov %0, %%fs" : : "r"(0));
	CHECK(priv_load_gdt(INVALID_MFN, 16) < 0);
	CHECK(!priv_load_gdt(0, 0));
	CHECK(!map_set(gdt, (uint64_t)mfn << PAGE_SHIFT | PTE_KERNEL));
	page_free(gdt);
}

/* --- memory ----------------------------------------------------------------------------------- */
static void test_pages(void)
{
	unsigned long before = pages_free_count();
	void *block[5];
	int order;

	for (order = 0; order < 5; order++) {
		block[order] = pages_alloc(order);
		CHECK(block[order] && !(virt_to_pfn(block[order]) & ((1ul << order) - 1)));
		memset(block[order], order, (size_t)PAGE_SIZE << order);
	}
	CHECK(before - pages_free_count() == 31);
	for (order = 0; order < 5; order++)
		pages_free(block[order], order);
	CHECK(before == pages_free_count());
	CHECK(!pages_alloc(18));
	CHECK(mfn_to_pfn(pfn_to_mfn(5)) == 5 && pfn_to_mfn(~0ul) == INVALID_MFN);
}

static void test_mapping(void)
{
	char *page = page_alloc_zero();
	mfn_t frames[3] = { virt_to_mfn(page), virt_to_mfn(page), ~0u };
	int errors[3], error = 0;
	char *alias = foreign_map(DOMID_SELF, frames, 3, PROT_MAP_READ | PROT_MAP_WRITE, errors,
				  &error);

	CHECK(alias && !errors[0] && !errors[1] && errors[2] < 0);
	strcpy(alias + PAGE_SIZE, "seen");
	CHECK(!strcmp(page, "seen") && !strcmp(alias, "seen"));
	CHECK(map_lookup(alias) && !map_lookup(alias + 2 * PAGE_SIZE));
	CHECK(virt_to_mfn(alias) == frames[0]);
	foreign_unmap(alias, 3);
	CHECK(!map_lookup(alias));
	CHECK(!foreign_map(DOMID_SELF, frames, 3, PROT_MAP_READ, NULL, &error) && error < 0);
	page_free(page);
}

static void test_grants(void)
{
	char *page = page_alloc_zero(), *seen;
	int ref = grant_access(DOMID_SELF, page, false);
	grant_ref_t refs[2] = { ref, ref };
	int errors[2];

	CHECK(ref > 0);
	/* Mapping one's own grant is refused by policy in some builds: then nothing more to try. */
	seen = gnttab_map(DOMID_SELF, refs, 2, false, errors);
	if (seen) {
		strcpy(seen, "lent");
		CHECK(!strcmp(page, "lent") && !strcmp(seen + PAGE_SIZE, "lent"));
		CHECK(grant_end(ref) == -EBUSY);
		gnttab_unmap(seen, 2);
	}
	CHECK(!grant_end(ref));
	CHECK(!gnttab_map(DOMID_SELF, refs, 1, false, NULL));
	page_free(page);
}

static void test_heap(void)
{
	char *old = heap_sbrk(0);

	CHECK(heap_sbrk(3 * PAGE_SIZE) == old);
	memset(old, 1, 3 * PAGE_SIZE);
	CHECK(heap_sbrk(-3 * PAGE_SIZE) == old + 3 * PAGE_SIZE);
	CHECK(!heap_sbrk(PTRDIFF_MAX) && !heap_sbrk(PTRDIFF_MIN));
	CHECK(heap_sbrk(0) == old);
	CHECK(!malloc((size_t)-1 / 2) && errno == ENOMEM);
}

/* --- files ------------------------------------------------------------------------------------ */
static void pipe_writer(void *arg)
{
	char chunk[1000];
	int i;

	memset(chunk, 'x', sizeof(chunk));
	for (i = 0; i < 20; i++)
		write(*(int *)arg, chunk, sizeof(chunk));
	close(*(int *)arg);
}

static void test_files(void)
{
	int fds[2], pair[2];
	size_t total = 0;
	char buf[300];
	ssize_t n;
	struct thread *t;

	CHECK(!file_pipe(fds));
	CHECK(file_wait(fds, 1, 0) == -ETIMEDOUT);
	t = thread_create("writer", pipe_writer, &fds[1], 0);
	CHECK(file_wait(fds, 1, NO_DEADLINE) == 0);
	while ((n = read(fds[0], buf, sizeof(buf))) > 0)
		total += n;
	CHECK(n == 0 && total == 20000);
	thread_join(t);
	CHECK(close(fds[0]) == 0 && close(fds[0]) == -1 && errno == EBADF);
	CHECK(!file_socketpair(pair));
	CHECK(write(pair[0], "there", 5) == 5 && write(pair[1], "back", 4) == 4);
	CHECK(read(pair[1], buf, 300) == 5 && read(pair[0], buf, 300) == 4);
	close(pair[0]);
	CHECK(read(pair[1], buf, 300) == 0);
	CHECK(write(pair[1], "x", 1) == -1 && errno == EPIPE);
	close(pair[1]);
	CHECK(!fopen("/missing", "r") && errno == ENOENT);
	CHECK(!fopen("/missing", "w") && errno == EROFS);
	CHECK(isatty(1) && lseek(1, 0, SEEK_CUR) == -1 && errno == ESPIPE);
}

/* --- arithmetic ------------------------------------------------------------------------------- */
static void test_arithmetic(void)
{
	volatile uint64_t big = 0xfedcba9876543210ull, d = 0x123456789ull, small = 10;
	volatile int64_t neg = -1000000000000ll;
	volatile double x = 2.0;
	char text[64];

	CHECK(big / d == 0xe0000000 && big % d == big - d * (big / d));
	CHECK(big / small == 1836475854449306472ull && big % small == 0);
	CHECK(neg / 7 == -142857142857ll && neg % 7 == -1);
	snprintf(text, sizeof(text), "%.6f %llu %lld", sqrt(x),
		 (unsigned long long)big, (long long)neg);
	CHECK(!strcmp(text, "1.414214 18364758544493064720 -1000000000000"));
}

int main(void)
{
	test_threads();
	test_reentrancy();
	test_time();
	test_events();
	test_held_events();
	test_event_storm();
	test_descriptors();
	test_pages();
	test_mapping();
	test_grants();
	test_heap();
	test_files();
	test_arithmetic();
	printf("selftest: %u checks, %u failed: %s\n", checks, failures,
	       failures ? "FAILURE" : "success");
	return 0;
}
