/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest test is: a title, and test_main(), which says what it found.
 *
 * The last line printed is the verdict, the worst of what was reported: ERROR (the test itself could
 * not do its work), FAILURE (the hypervisor did something wrong), SKIP (with a reason), SUCCESS. A
 * test that is to end its own domain calls test_expect_crash() right before it does so.
 */
#ifndef TESTS_GUEST_TEST_H
#define TESTS_GUEST_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <minios/hypercall.h>
#include <minios/mm.h>
#include <minios/printk.h>
#include <minios/start.h>
#include "pvabi/errno.h"

/* The test's own. */
extern const char test_title[];
void test_main(void);

void test_failure(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void test_error(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void test_skip(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* What the hypervisor answered, where several answers are right: to be compared with Xen's. */
void test_answer(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints the verdict so far and ends the domain. */
void test_end(void) __attribute__((noreturn));

/* From here on only the end of the domain is right. */
void test_expect_crash(void);

/* The word of the command line that names the variant to be run; "" when there is none. */
const char *test_variant(void);
bool test_variant_is(const char *name);

/* Our own domain's number. */
domid_t test_own_id(void);

/* The condition is what the hypervisor owes us. */
#define CHECK(condition)                                                                  \
	do {                                                                              \
		if (!(condition))                                                         \
			test_failure("line %d: %s", __LINE__, #condition);                \
	} while (0)

/* The same with two numbers to be shown. */
#define CHECK_EQUAL(got, want)                                                            \
	do {                                                                              \
		long got_ = (long)(got), want_ = (long)(want);                            \
		if (got_ != want_)                                                        \
			test_failure("line %d: %s is %ld (0x%lx), not %s", __LINE__, #got, \
				     got_, (unsigned long)got_, #want);                   \
	} while (0)

/* What the test itself needs. */
#define NEED(condition)                                                                   \
	do {                                                                              \
		if (!(condition))                                                         \
			test_error("line %d: %s", __LINE__, #condition);                  \
	} while (0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
