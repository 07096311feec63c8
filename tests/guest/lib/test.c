/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame around a guest test: start, verdict, end. */
#include <stdarg.h>
#include <string.h>
#include <minios/arch/arch.h>
#include <minios/arch/priv.h>
#include "tests/guest/lib/console.h"
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/test.h"
#include "pvabi/event_channel.h"
#include "pvabi/sched.h"

/* From harmless to worst. */
enum verdict { SUCCESS, SKIP, FAILURE, ERROR };

static const char *const names[] = { "SUCCESS", "SKIP", "FAILURE", "ERROR" };
static enum verdict verdict;
static unsigned int shown;

static void report(enum verdict v, const char *fmt, va_list ap)
{
	if (v > verdict)
		verdict = v;
	/* A loop that goes wrong goes wrong often: the first reports say it all. */
	if (shown++ >= 32)
		return;
	printk("%s: ", names[v]);
	vprintk(fmt, ap);
	printk("\n");
}

void test_failure(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(FAILURE, fmt, ap);
	va_end(ap);
}

void test_answer(const char *fmt, ...)
{
	va_list ap;

	printk("ANSWER: ");
	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
	printk("\n");
}

void test_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(ERROR, fmt, ap);
	va_end(ap);
	test_end();
}

void test_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(SKIP, fmt, ap);
	va_end(ap);
	test_end();
}

void test_end(void)
{
	printk("Test result: %s\n", names[verdict]);
	test_console_flush();
	priv_shutdown(SHUTDOWN_poweroff);
}

void test_expect_crash(void)
{
	if (verdict != SUCCESS)
		test_end();
	printk("Test result: CRASH\n");
	test_console_flush();
	/* Whoever comes back has survived what should have ended it. */
	verdict = FAILURE;
}

const char *test_variant(void)
{
	static char word[64];
	size_t n = 0;
	const char *p = start_cmdline();

	while (*p == ' ')
		p++;
	while (p[n] && p[n] != ' ' && n < sizeof(word) - 1) {
		word[n] = p[n];
		n++;
	}
	word[n] = '\0';
	return word;
}

bool test_variant_is(const char *name)
{
	return !strcmp(test_variant(), name);
}

void kernel_main(void)
{
	mm_init();
	test_console_init();
	guard_init();
	printk("--- Test: %s%s%s\n", test_title, *test_variant() ? ": " : "", test_variant());
	test_main();
	test_end();
}

/* An unbound port for ourselves tells. */
domid_t test_own_id(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_status status = { .dom = DOMID_SELF };

	NEED(!hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &alloc));
	status.port = alloc.port;
	NEED(!hypercall_event_channel_op(EVTCHNOP_status, &status));
	return status.u.unbound.dom;
}
