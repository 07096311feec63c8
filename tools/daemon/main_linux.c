/* SPDX-License-Identifier: GPL-2.0-only */
/* The control daemon on a Linux control domain: paravaned [SOCKET], in the foreground. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/daemon/daemon.h"

#define DEFAULT_SOCKET "/run/paravane.sock"

static struct daemon the_daemon;
static volatile sig_atomic_t ending;

static void end(int sig)
{
	(void)sig;
	ending = 1;
}

static int listen_on(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 8)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

static int accept_client(void)
{
	int fd = accept4(the_daemon.listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void log_line(const char *text)
{
	fprintf(stderr, "%s\n", text);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : DEFAULT_SOCKET;
	/* Without SA_RESTART: a wait that is under way ends. */
	struct sigaction action = { .sa_handler = end };
	int rc = plat_init();

	if (!rc)
		rc = daemon_init(&the_daemon);
	if (!rc) {
		the_daemon.listen_fd = listen_on(path);
		rc = the_daemon.listen_fd < 0 ? the_daemon.listen_fd : 0;
	}
	if (rc) {
		fprintf(stderr, "paravaned: %s: %s\n", path, strerror(-rc));
		return EXIT_FAILURE;
	}
	the_daemon.accept = accept_client;
	the_daemon.log = log_line;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (!ending)
		daemon_step(&the_daemon);
	daemon_destroy(&the_daemon);
	close(the_daemon.listen_fd);
	unlink(path);
	return EXIT_SUCCESS;
}
