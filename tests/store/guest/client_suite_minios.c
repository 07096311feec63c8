/* SPDX-License-Identifier: GPL-2.0-only */
/* The suite in mini-OS, as the first domain: the store is a thread of the same image. */
#include <minios/file.h>
#include <minios/panic.h>
#include <minios/thread.h>
#include <minios/time.h>

#include "tests/store/client_suite.h"
#include "xenstore-lite/minios.h"

void suite_begin(void)
{
	if (xenstore_start())
		panic("the store does not start");
}

bool suite_readable(struct xs_handle *at, int timeout)
{
	int fd = xs_fileno(at);

	return file_wait(&fd, 1, timeout ? time_monotonic() + MSEC(timeout) : 0) == 0;
}

struct suite_thread *suite_start(void (*run)(void *arg), void *arg)
{
	struct thread *thread = thread_create("suite", run, arg, 0);

	if (!thread)
		panic("no thread");
	return (struct suite_thread *)thread;
}

void suite_join(struct suite_thread *thread)
{
	thread_join((struct thread *)thread);
}

void suite_yield(void)
{
	thread_yield();
}
