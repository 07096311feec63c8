/* SPDX-License-Identifier: GPL-2.0-only */
/* A control daemon on a simulated machine, and clients that talk to it in the same thread. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/host/check_main.h"

#include "tests/host/daemon_harness.h"
#include "tests/host/fake_hypervisor.h"
#include "tests/host/fake_store.h"
#include "tests/host/make_elf.h"

struct daemon the_daemon;
char daemon_logged[8192];
char kernel32[64], kernel64[64], not_a_kernel[64];

static uint64_t frames_before;

static void log_line(const char *text)
{
	size_t len = strlen(daemon_logged);

	snprintf(daemon_logged + len, sizeof(daemon_logged) - len, "%s\n", text);
}

static void write_file(char path[64], const void *data, size_t len)
{
	int fd;

	strcpy(path, "/tmp/paravane-test-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), len);
	close(fd);
}

static void write_kernel(char path[64], struct elf_plan plan)
{
	struct made_elf made = make_elf(&plan);

	write_file(path, made.data, made.len);
	free(made.data);
}

void harness_start(void)
{
	signal(SIGPIPE, SIG_IGN);
	fake_reset();
	fake_store_reset();
	frames_before = fake_free_frames();
	daemon_logged[0] = '\0';
	write_kernel(kernel32, plan32());
	write_kernel(kernel64, plan64());
	write_file(not_a_kernel, "#!/bin/sh\necho no kernel at all, but long enough for a header\n",
		   60);
	ck_assert_int_eq(daemon_init(&the_daemon), 0);
	the_daemon.log = log_line;
}

void harness_stop(void)
{
	daemon_destroy(&the_daemon);
	unlink(kernel32);
	unlink(kernel64);
	unlink(not_a_kernel);
	fake_store_reset();
}

void harness_check_clean(void)
{
	ck_assert_uint_eq(fake_live_domains(), 0);
	ck_assert_uint_eq(fake_free_frames(), frames_before);
	ck_assert_uint_eq(fake_maps(), 0);
	ck_assert_uint_eq(fake_bound_ports(), 0);
	ck_assert_uint_eq(fake_store_nodes(), 0);
}

int harness_connect(void)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	ck_assert_int_eq(daemon_add_client(&the_daemon, fds[0]), 0);
	return fds[1];
}

void harness_send(int fd, const char *text)
{
	size_t len = strlen(text), at = 0;
	ssize_t n;

	while (at < len) {
		n = write(fd, text + at, len - at);
		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0)
			at += n;
		daemon_work(&the_daemon);
	}
}

const char *harness_receive(int fd)
{
	static char line[PROTOCOL_MAX_LINE + 1];
	int idle = 0;
	ssize_t n;
	char *end;

	while (idle < 20) {
		n = recv(fd, line, sizeof(line), MSG_PEEK);
		if (n == 0)
			return NULL;
		end = n > 0 ? memchr(line, '\n', n) : NULL;
		if (end) {
			ck_assert_int_eq(read(fd, line, end - line + 1), end - line + 1);
			*end = '\0';
			return line;
		}
		ck_assert_int_lt(n, sizeof(line));
		daemon_work(&the_daemon);
		idle++;
	}
	return NULL;
}

const char *harness_ask(int fd, const char *fmt, ...)
{
	const char *line;
	char *text;
	va_list args;

	va_start(args, fmt);
	ck_assert_int_gt(vasprintf(&text, fmt, args), 0);
	va_end(args);
	harness_send(fd, text);
	harness_send(fd, "\n");
	free(text);
	do {
		line = harness_receive(fd);
	} while (line && strstr(line, "\"event\""));
	return line;
}

struct xencons_interface *harness_ring(domid_t domid)
{
	struct domain *domain = domain_by_id(&the_daemon, domid);

	ck_assert_ptr_nonnull(domain);
	return fake_frame(domain->built.console_mfn);
}

void harness_guest_prints(domid_t domid, const char *text)
{
	struct xencons_interface *ring = harness_ring(domid);

	while (*text)
		ring->out[MASK_XENCONS_IDX(ring->out_prod++, ring->out)] = *text++;
	fake_guest_notify(domid, domain_by_id(&the_daemon, domid)->built.console_port);
}

size_t harness_clients(void)
{
	struct plat_wait items[DAEMON_MAX_CLIENTS];

	return clients_wait_items(&the_daemon, items, DAEMON_MAX_CLIENTS);
}
