/* SPDX-License-Identifier: GPL-2.0-only */
/* The suite on a host: a daemon's socket, threads, and processes. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/store/client_suite.h"
#include "tests/store/words.h"

struct suite_thread {
	pthread_t id;
	void (*run)(void *arg);
	void *arg;
};

/* A child that lets go of its parent's handle must not end what that has going on. */
static void try_fork(void)
{
	struct xs_handle *h = xs_open(0);
	int status = -1;
	pid_t child;

	ok(h && xs_watch(h, "/forked", "t"), "a handle with a watch");
	child = fork();
	if (!child) {
		xs_daemon_destroy_postfork(h);
		_exit(EXIT_SUCCESS);
	}
	ok(child > 0 && waitpid(child, &status, 0) == child && !status,
	   "is let go of in a forked child");
	ok(put(h, XBT_NULL, "/forked", "1") && reads(h, XBT_NULL, "/forked", "1") &&
		   xs_unwatch(h, "/forked", "t") && xs_rm(h, XBT_NULL, "/forked"),
	   "and goes on in the parent");
	xs_close(h);
}

/* XENSTORED_PATH may name a device; this one ends before it answers. */
static void try_device(void)
{
	char *path = strdup(getenv("XENSTORED_PATH") ? getenv("XENSTORED_PATH") : "");
	struct xs_handle *h;

	setenv("XENSTORED_PATH", "/dev/null", 1);
	h = xs_open(0);
	ok(h, "a device is opened");
	ok(h && !xs_read(h, XBT_NULL, "/tool", NULL), "and ends");
	xs_close(h);
	if (path && path[0])
		setenv("XENSTORED_PATH", path, 1);
	else
		unsetenv("XENSTORED_PATH");
	free(path);
}

/* More than a pipe takes at once. */
static void try_write_all(void)
{
	static char sent[200000], got[sizeof(sent)];
	size_t have = 0;
	ssize_t more;
	int end[2];

	memset(sent, 'x', sizeof(sent));
	if (pipe(end))
		abort();
	if (!fork())
		_exit(!xs_write_all(end[1], sent, sizeof(sent)));
	close(end[1]);
	while (have < sizeof(got) && (more = read(end[0], got + have, sizeof(got) - have)) > 0)
		have += more;
	close(end[0]);
	ok(have == sizeof(got) && !memcmp(sent, got, sizeof(got)), "all is written");
	ok(!xs_write_all(-1, sent, 1), "or that it is not is said");
	wait(NULL);
}

void suite_begin(void)
{
	ok(xs_daemon_rundir() && strstr(xs_daemon_socket(), "/") && strstr(xs_daemon_socket_ro(), "/"),
	   "where a daemon's socket is expected");
	try_fork();
	try_device();
	try_write_all();
}

bool suite_readable(struct xs_handle *at, int timeout)
{
	struct pollfd fd = {.fd = xs_fileno(at), .events = POLLIN};

	return poll(&fd, 1, timeout) == 1;
}

static void *enter(void *arg)
{
	struct suite_thread *thread = arg;

	thread->run(thread->arg);
	return NULL;
}

struct suite_thread *suite_start(void (*run)(void *arg), void *arg)
{
	struct suite_thread *thread = malloc(sizeof(*thread));

	if (!thread)
		abort();
	thread->run = run;
	thread->arg = arg;
	if (pthread_create(&thread->id, NULL, enter, thread))
		abort();
	return thread;
}

void suite_join(struct suite_thread *thread)
{
	pthread_join(thread->id, NULL);
	free(thread);
}

void suite_yield(void)
{
}
