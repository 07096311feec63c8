/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The broker: who of several xl's has the serial line.
 *
 * QEMU's end of a serial line takes one connection at a time. So the first xl that needs it leaves
 * a process behind which holds it, listens beside it (LINE.xl), makes a channel of each connection
 * (tools/lib/mux.h), and ends a moment after the last xl has. Who connects and who ends do so under
 * the lock of LINE.lock: nobody is taken up by a broker that is about to end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tools/lib/buf.h"
#include "tools/lib/mux.h"
#include "tools/xl/broker.h"

#define LINGER_MS 1000
#define RESET_MS  1000 /* between two attempts to be heard */
#define PIECE	  4096u
#define MAX_LINE_OUTPUT	  (64u << 10) /* beyond it, clients must wait */
#define MAX_CLIENT_OUTPUT (1u << 20) /* a client that reads so little is cut off */

/* The descriptors of a broker, which has no others. */
enum { LINE_FD = 3, LISTEN_FD, LOCK_FD, END_FD };

struct connection {
	int fd; /* -1: none */
	bool ended; /* we said that it is closed, and wait for the same word */
	struct buf out;
};

struct broker {
	struct connection channels[MUX_CHANNELS];
	struct mux_reader reader;
	struct buf out; /* to the line */
	unsigned int writing;
	bool in_step; /* the other side has begun anew, too */
	uint64_t said_reset, idle_since; /* ms; idle: 0 while there are clients */
};

static int make_socket(const char *path, const char *suffix, struct sockaddr_un *addr)
{
	int fd;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (snprintf(addr->sun_path, sizeof(addr->sun_path), "%s%s", path, suffix) >=
	    (int)sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int socket_connect(const char *path, const char *suffix)
{
	struct sockaddr_un addr;
	int fd = make_socket(path, suffix, &addr), rc;

	if (fd < 0 || !connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static int listen_on(const char *path, const char *suffix)
{
	struct sockaddr_un addr;
	int fd = make_socket(path, suffix, &addr), rc;

	if (fd < 0)
		return fd;
	unlink(addr.sun_path);
	if (!bind(fd, (struct sockaddr *)&addr, sizeof(addr)) && !listen(fd, 32))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static int lock_file(const char *path)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : fd;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the line --------------------------------------------------------------------------------- */
static void say(struct broker *b, enum mux_kind kind, unsigned int channel)
{
	char mark[MUX_MARK];

	mux_mark(mark, kind, channel);
	buf_add(&b->out, mark, sizeof(mark));
}

static void drop(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	buf_free(&c->out);
}

/* The client has gone, or does not read. */
static void end(struct broker *b, unsigned int channel)
{
	drop(&b->channels[channel]);
	b->channels[channel].ended = true;
	say(b, MUX_CLOSE, channel);
}

static void closed_there(struct broker *b, unsigned int channel)
{
	struct connection *c = &b->channels[channel];

	if (!c->ended)
		say(b, MUX_CLOSE, channel);
	c->ended = false;
	/* What it was sent last should still reach it. */
	if (c->fd >= 0 && c->out.len)
		(void)!write(c->fd, c->out.data, c->out.len);
	drop(c);
}

static void handle_piece(struct broker *b, const struct mux_piece *piece)
{
	struct connection *c = &b->channels[piece->channel];

	/* Until then the line carries what was meant for somebody before us. */
	if (piece->kind == MUX_RESET)
		b->in_step = true;
	if (!b->in_step || !piece->channel)
		return;
	if (piece->kind == MUX_CLOSE)
		closed_there(b, piece->channel);
	if (piece->kind != MUX_DATA || c->fd < 0)
		return;
	buf_add(&c->out, piece->data, piece->len);
	if (c->out.failed || c->out.len > MAX_CLIENT_OUTPUT)
		end(b, piece->channel);
}

/* False: the machine has gone. */
static bool read_line(struct broker *b)
{
	char data[PIECE];
	struct mux_piece piece;
	ssize_t n = read(LINE_FD, data, sizeof(data));
	size_t at, len;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	for (at = 0; (len = mux_parse(&b->reader, data + at, n - at, &piece)); at += len)
		handle_piece(b, &piece);
	return true;
}

/* Sends what it can; false: there is nobody any more. */
static bool flush(int fd, struct buf *out)
{
	ssize_t n = out->len ? write(fd, out->data, out->len) : 0;

	if (n > 0)
		buf_consume(out, n);
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Said again until it is heard: the machine may still be starting. */
static void keep_in_step(struct broker *b)
{
	if (b->in_step || (b->said_reset && now_ms() - b->said_reset < RESET_MS))
		return;
	say(b, MUX_RESET, 0);
	b->said_reset = now_ms();
}

/* --- clients ---------------------------------------------------------------------------------- */
static void read_client(struct broker *b, unsigned int channel)
{
	char data[PIECE];
	ssize_t n = read(b->channels[channel].fd, data, sizeof(data));

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			end(b, channel);
		return;
	}
	if (b->writing != channel)
		say(b, MUX_DATA, channel);
	b->writing = channel;
	buf_add(&b->out, data, n);
}

static unsigned int free_channel(struct broker *b)
{
	unsigned int i;

	for (i = 1; i < MUX_CHANNELS; i++)
		if (b->channels[i].fd < 0 && !b->channels[i].ended)
			return i;
	return 0;
}

static bool has_clients(const struct broker *b)
{
	unsigned int i;

	for (i = 1; i < MUX_CHANNELS; i++)
		if (b->channels[i].fd >= 0 || b->channels[i].ended)
			return true;
	return false;
}

/* More than there are channels wait until one is free. */
static bool accept_one(struct broker *b)
{
	unsigned int channel = free_channel(b);
	int fd = channel ? accept4(LISTEN_FD, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;

	if (fd < 0)
		return false;
	b->channels[channel].fd = fd;
	return true;
}

/* Under the lock, nobody can be on the way to us. */
static bool may_end(struct broker *b)
{
	if (has_clients(b)) {
		b->idle_since = 0;
		return false;
	}
	if (!b->idle_since)
		b->idle_since = now_ms();
	if (now_ms() - b->idle_since < LINGER_MS || b->out.len)
		return false;
	if (flock(LOCK_FD, LOCK_EX | LOCK_NB))
		return false;
	if (!accept_one(b))
		return true;
	flock(LOCK_FD, LOCK_UN);
	return false;
}

static bool wait_and_work(struct broker *b)
{
	struct pollfd fds[MUX_CHANNELS + 1];
	unsigned int i;

	fds[0] = (struct pollfd){ LINE_FD, POLLIN | (b->out.len ? POLLOUT : 0), 0 };
	for (i = 1; i < MUX_CHANNELS; i++) {
		struct connection *c = &b->channels[i];
		bool read = b->in_step && b->out.len < MAX_LINE_OUTPUT;

		fds[i] = (struct pollfd){ c->fd,
					  (read ? POLLIN : 0) | (c->out.len ? POLLOUT : 0), 0 };
	}
	fds[MUX_CHANNELS] = (struct pollfd){ free_channel(b) ? LISTEN_FD : -1, POLLIN, 0 };
	poll(fds, MUX_CHANNELS + 1, LINGER_MS / 2);
	for (i = 1; i < MUX_CHANNELS; i++) {
		if (fds[i].revents & POLLOUT && !flush(b->channels[i].fd, &b->channels[i].out))
			end(b, i);
		else if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
			read_client(b, i);
	}
	if (fds[MUX_CHANNELS].revents)
		accept_one(b);
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR) && !read_line(b))
		return false;
	return flush(LINE_FD, &b->out) && !b->out.failed;
}

static void serve(struct broker *b)
{
	unsigned int i;

	for (i = 0; i < MUX_CHANNELS; i++)
		b->channels[i].fd = -1;
	do {
		keep_in_step(b);
	} while (wait_and_work(b) && !may_end(b));
	for (i = 1; i < MUX_CHANNELS; i++)
		drop(&b->channels[i]);
	buf_free(&b->out);
}

/* Nothing of the xl that started us stays with us: neither its terminal nor its files. */
static void become_broker(int line, int listener, int lock)
{
	struct broker b = { .in_step = false };
	int null = open("/dev/null", O_RDWR), fds[] = { null, null, null, line, listener, lock };
	int i, safe[END_FD];

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	setsid();
	for (i = 0; i < END_FD; i++)
		safe[i] = fcntl(fds[i], F_DUPFD, 2 * END_FD);
	for (i = 0; i < END_FD; i++)
		dup2(safe[i], i);
	close_range(END_FD, ~0u, 0);
	fcntl(LINE_FD, F_SETFL, O_NONBLOCK);
	fcntl(LISTEN_FD, F_SETFL, O_NONBLOCK);
	serve(&b);
}

static void remove_socket(const char *path)
{
	char name[256];

	snprintf(name, sizeof(name), "%s.xl", path);
	unlink(name);
}

/* Under the lock: a connection to a broker that is there, or to a new one. */
static int start_broker(const char *path, int lock)
{
	int line = socket_connect(path, ""), listener, fd, own_lock;
	pid_t child;

	if (line < 0)
		return line;
	listener = listen_on(path, ".xl");
	if (listener < 0) {
		close(line);
		return listener;
	}
	fd = socket_connect(path, ".xl");
	child = fd < 0 ? -1 : fork();
	if (!child) {
		close(fd);
		close(lock);
		own_lock = lock_file(path);
		become_broker(line, listener, own_lock);
		remove_socket(path);
		_exit(0);
	}
	close(line);
	close(listener);
	if (fd >= 0 && child < 0) {
		close(fd);
		fd = -EAGAIN;
	}
	return fd;
}

int broker_connect(const char *line)
{
	int lock = lock_file(line), fd;

	if (lock < 0)
		return lock;
	if (flock(lock, LOCK_EX)) {
		fd = -errno;
		close(lock);
		return fd;
	}
	fd = socket_connect(line, ".xl");
	if (fd < 0)
		fd = start_broker(line, lock);
	close(lock);
	return fd;
}
