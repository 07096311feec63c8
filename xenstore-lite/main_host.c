/* SPDX-License-Identifier: GPL-2.0-only */
/* The store as a daemon on a host: privileged clients over a Unix socket, in the foreground. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "xenstore-lite/memory.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/wire.h"

/* As many as are likely to be ready at a time: waiting costs the same for one and for all. */
#define EVENTS 256

/* Something waits for memory: try again after so long. */
#define STARVED_MS 20

static struct server server;
static int epoll_fd, listener;
static bool full; /* no descriptor is left: clients who knock wait until one is given back */

/* The far end of a connection. */
struct client {
	int fd;
	uint32_t events; /* those asked for */
	bool ended;	 /* no more will come: what is there is read up to its end */
};

static void heed_listener(bool heed)
{
	struct epoll_event event = {.events = heed ? EPOLLIN : 0, .data.ptr = &listener};

	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, listener, &event);
	full = !heed;
}

/* --- the socket as a transport ---------------------------------------------------------------- */

static int read_socket(struct connection *connection, void *buffer, size_t len)
{
	struct client *client = connection->peer;
	ssize_t got = recv(client->fd, buffer, len, MSG_DONTWAIT);

	if (got > 0)
		return got;
	if (!got)
		return -ECONNRESET;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static ssize_t send_spans(int fd, const struct span *span, unsigned int spans)
{
	struct iovec iov[16];
	struct msghdr message = {.msg_iov = iov};
	unsigned int i;

	/* Nearly always: and without the header, sending is cheaper. */
	if (spans == 1)
		return send(fd, span->data, span->len, MSG_DONTWAIT | MSG_NOSIGNAL);
	for (i = 0; i < spans && i < sizeof(iov) / sizeof(iov[0]); i++) {
		iov[i].iov_base = (void *)span[i].data;
		iov[i].iov_len = span[i].len;
	}
	message.msg_iovlen = i;
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int write_socket(struct connection *connection, const struct span *span, unsigned int spans)
{
	struct client *client = connection->peer;
	ssize_t sent = send_spans(client->fd, span, spans);

	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/*
 * Only what changes is told: a connection that is woken reads until there is less than it asked for, so
 * it need not be looked at again before more has come. The end comes only once, though, perhaps while
 * there is still something to read before it.
 */
static uint32_t events_for(bool read, bool write)
{
	return EPOLLET | EPOLLRDHUP | (read ? EPOLLIN : 0) | (write ? EPOLLOUT : 0);
}

static void take_event(struct connection *connection, uint32_t events)
{
	struct client *client = connection->peer;

	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		client->ended = true;
	connection_wake(connection);
}

static void settled(struct connection *connection, bool read, bool write)
{
	struct client *client = connection->peer;
	uint32_t events = events_for(read, write);
	struct epoll_event event = {.events = events, .data.ptr = connection};

	if (client->ended && read)
		connection_wake(connection);
	if (events == client->events)
		return;
	client->events = events;
	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
}

static void close_socket(struct connection *connection)
{
	struct client *client = connection->peer;

	close(client->fd);
	memory_free(client, sizeof(*client));
	if (full)
		heed_listener(true);
}

static const struct transport socket_transport = {
	.read = read_socket,
	.write = write_socket,
	.settled = settled,
	.close = close_socket,
};

static void accept_client(void)
{
	struct connection_kind kind = {
		.transport = &socket_transport,
		.privileged = true,
		.bulk = true,
		.base = "/local/domain/0",
	};
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct epoll_event event = {.events = events_for(true, false)};
	struct connection *connection;
	struct client *client;

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		heed_listener(false);
	if (fd < 0)
		return;
	client = memory_alloc(sizeof(*client));
	if (!client)
		goto no_client;
	client->fd = fd;
	client->ended = false;
	client->events = event.events;
	kind.peer = client;
	connection = connection_new(&server, &kind);
	if (!connection)
		goto no_connection;
	event.data.ptr = connection;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))
		connection_free(connection);
	return;

no_connection:
	memory_free(client, sizeof(*client));
no_client:
	close(fd);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void fail(const char *what, const char *name)
{
	fprintf(stderr, "xenstored-lite: %s %s: %s\n", what, name, strerror(errno));
	exit(EXIT_FAILURE);
}

/* Who listens may be busy: then there is no place in its queue. */
static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool alive = fd >= 0 && (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
				 errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return alive;
}

/* A socket that nobody listens on is left over from a daemon that was killed; no other file is. */
static void clear_away(const char *path)
{
	struct stat about;

	if (!lstat(path, &about) && S_ISSOCK(about.st_mode))
		unlink(path);
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		fail("cannot listen on", path);
	}
	strcpy(address.sun_path, path);
	if (is_alive(&address)) {
		errno = EADDRINUSE;
		fail("cannot listen on", path);
	}
	clear_away(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	umask(0177);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 128))
		fail("cannot listen on", path);
	return fd;
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The tag tells listener and signals from connections, whose tags are their addresses. */
static void add_source(int *fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

	if (*fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, *fd, &event))
		fail("cannot wait for", "events");
}

/* Whoever has stopped reading the log misses lines, and does not stop the store. */
static void log_line(const char *line)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT))
		dprintf(STDERR_FILENO, "xenstored-lite: %s\n", line);
}

/* NAME=LIMIT */
static void set_limit(char *text)
{
	char *equals = strchr(text, '=');
	enum quota which;
	uint64_t limit;

	if (equals)
		*equals = 0;
	which = quota_by_name(text);
	if (!equals || which == QUOTA_COUNT || !wire_number(equals + 1, INT32_MAX, &limit)) {
		fprintf(stderr, "xenstored-lite: --quota wants NAME=LIMIT; names are:");
		for (which = 0; which < QUOTA_COUNT; which++)
			fprintf(stderr, " %s", quota_name(which));
		fprintf(stderr, "\n");
		exit(EXIT_FAILURE);
	}
	server.store.accounts.limit[which] = limit;
}

static void usage(FILE *out)
{
	fputs("Usage: xenstored-lite --socket PATH [--quota NAME=LIMIT]... [--verbose]\n"
	      "Serves a store on a Unix socket, in the foreground, until SIGTERM or SIGINT.\n"
	      "  -s, --socket PATH        where to listen\n"
	      "  -q, --quota NAME=LIMIT   what each unprivileged domain may hold; 0: no limit\n"
	      "  -v, --verbose            log every request on standard error\n"
	      "  -h, --help               this text\n",
	      out);
}

static const char *parse(int argc, char **argv)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'},
		{"quota", required_argument, NULL, 'q'},
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *path = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "s:q:vh", options, NULL)) != -1) {
		switch (option) {
		case 's':
			path = optarg;
			break;
		case 'q':
			set_limit(optarg);
			break;
		case 'v':
			server.trace = true;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		default:
			usage(stderr);
			exit(EXIT_FAILURE);
		}
	}
	if (!path || optind != argc) {
		usage(stderr);
		exit(EXIT_FAILURE);
	}
	return path;
}

static int timeout_for(enum server_need need)
{
	switch (need) {
	case SERVER_MORE:
		return 0;
	case SERVER_STARVED:
		return STARVED_MS;
	default:
		return -1;
	}
}

static void run(int *signals)
{
	enum server_need need = SERVER_IDLE;
	struct epoll_event events[EVENTS];
	int count, i;

	for (;;) {
		count = epoll_wait(epoll_fd, events, EVENTS, timeout_for(need));
		/* All are woken before any is served: serving one may end another. */
		for (i = 0; i < count; i++) {
			if (events[i].data.ptr == signals)
				return;
			if (events[i].data.ptr == &listener)
				accept_client();
			else
				take_event(events[i].data.ptr, events[i].events);
		}
		need = server_step(&server);
	}
}

int main(int argc, char **argv)
{
	const char *path;
	int signals;

	if (server_init(&server, NULL)) {
		errno = ENOMEM;
		fail("cannot make", "the store");
	}
	server.log = log_line;
	path = parse(argc, argv);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	listener = listen_on(path);
	signals = catch_signals();
	add_source(&listener);
	add_source(&signals);
	run(&signals);
	unlink(path);
	close(listener);
	server_destroy(&server);
	return EXIT_SUCCESS;
}
