/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suite needs of where it runs: client_suite_host.c, or guest/client_suite_minios.c. */
#ifndef TESTS_STORE_CLIENT_SUITE_H
#define TESTS_STORE_CLIENT_SUITE_H

#include <stdbool.h>

/* Debian's <xenstore.h>, or ours. */
#ifndef CLIENT_HEADER
#define CLIENT_HEADER "xenstore-lite/client.h"
#endif
#include CLIENT_HEADER

/* One line of the report. */
void ok(bool good, const char *what);

/* Before anything else: brings up a store if that is our task, and tries what is only there. */
void suite_begin(void);

/* Does the handle's descriptor become readable within so many milliseconds? */
bool suite_readable(struct xs_handle *at, int timeout);

struct suite_thread;
struct suite_thread *suite_start(void (*run)(void *arg), void *arg);
void suite_join(struct suite_thread *thread);
/* Threads that run until they let go do so here. */
void suite_yield(void);

#endif
