/* SPDX-License-Identifier: GPL-2.0-only */
/* The main() every host test shares: runs one suite and prints TAP on standard output. */
#ifndef TESTS_HOST_CHECK_MAIN_H
#define TESTS_HOST_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/*
 * Check notes the place of every assertion that holds in a file, for the parent of a child that
 * dies. There is no such child here, and tests with millions of assertions would mostly do that.
 */
#define _mark_point(file, line) ((void)0)

/*
 * No forking: the sanitizers then see leaks of the whole run, and a crash ends the program with a
 * report instead of a lost child.
 */
#define CHECK_MAIN(suite_fn)							\
	int main(void)								\
	{									\
		SRunner *runner = srunner_create(suite_fn());			\
		int failed;							\
										\
		srunner_set_fork_status(runner, CK_NOFORK);			\
		srunner_set_tap(runner, "-");					\
		srunner_run_all(runner, CK_SILENT);				\
		failed = srunner_ntests_failed(runner);				\
		srunner_free(runner);						\
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;			\
	}

#endif
