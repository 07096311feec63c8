/* SPDX-License-Identifier: GPL-2.0-only */
/* The client's link on a host: the daemon's Unix socket, or the kernel's /dev/xen/xenbus. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "xenstore-lite/client.h"
#include "xenstore-lite/client_link.h"

struct host_link {
	struct client_link link;
	int fd;
	bool is_socket;
	/*
	 * Made when somebody asks for a descriptor to wait on: readable when there is something at
	 * @fd, or when @queued_fd says that events have been read already.
	 */
	int wait_fd, queued_fd;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static struct host_link *host(struct client_link *link)
{
	return (struct host_link *)link;
}

static ssize_t send_pieces(const struct host_link *link, struct iovec *iov, unsigned int count)
{
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = count};

	if (link->is_socket)
		return sendmsg(link->fd, &message, MSG_NOSIGNAL);
	return writev(link->fd, iov, count);
}

static int host_send(struct client_link *link, const struct client_piece *piece, unsigned int count)
{
	struct iovec iov[CLIENT_PIECES];
	unsigned int first = 0, i;

	for (i = 0; i < count; i++)
		iov[i] = (struct iovec){(void *)piece[i].data, piece[i].len};
	while (first < count) {
		ssize_t sent = send_pieces(host(link), iov + first, count - first);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		while (first < count && (size_t)sent >= iov[first].iov_len)
			sent -= iov[first++].iov_len;
		if (first < count) {
			iov[first].iov_base = (char *)iov[first].iov_base + sent;
			iov[first].iov_len -= sent;
		}
	}
	return 0;
}

static int host_receive(struct client_link *link, void *out, size_t len, bool wait)
{
	struct pollfd poll_fd = {.fd = host(link)->fd, .events = POLLIN};
	ssize_t got;

	if (!wait && poll(&poll_fd, 1, 0) != 1)
		return -EAGAIN;
	do
		got = read(host(link)->fd, out, len);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	return got ? (int)got : -ECONNRESET;
}

static int add_to_wait(struct host_link *link, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(link->wait_fd, EPOLL_CTL_ADD, fd, &event);
}

static int host_fileno(struct client_link *common)
{
	struct host_link *link = host(common);

	if (link->wait_fd >= 0)
		return link->wait_fd;
	link->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	link->queued_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (link->wait_fd >= 0 && link->queued_fd >= 0 && !add_to_wait(link, link->fd) &&
	    !add_to_wait(link, link->queued_fd))
		return link->wait_fd;
	if (link->wait_fd >= 0)
		close(link->wait_fd);
	if (link->queued_fd >= 0)
		close(link->queued_fd);
	link->wait_fd = -1;
	link->queued_fd = -1;
	return -1;
}

static void host_queued(struct client_link *link, bool any)
{
	int fd = host(link)->queued_fd;

	if (fd >= 0 && any)
		eventfd_write(fd, 1);
	else if (fd >= 0)
		eventfd_read(fd, &(eventfd_t){0});
}

static void host_close(struct client_link *common)
{
	struct host_link *link = host(common);

	close(link->fd);
	if (link->wait_fd >= 0) {
		close(link->wait_fd);
		close(link->queued_fd);
	}
	pthread_mutex_destroy(&link->lock);
	pthread_cond_destroy(&link->changed);
	free(link);
}

static void host_lock(struct client_link *link)
{
	pthread_mutex_lock(&host(link)->lock);
}

static void host_unlock(struct client_link *link)
{
	pthread_mutex_unlock(&host(link)->lock);
}

static void host_wait(struct client_link *link)
{
	pthread_cond_wait(&host(link)->changed, &host(link)->lock);
}

static void host_wake(struct client_link *link)
{
	pthread_cond_broadcast(&host(link)->changed);
}

static const struct client_link_ops host_ops = {
	.send = host_send,
	.receive = host_receive,
	.fileno = host_fileno,
	.queued = host_queued,
	.close = host_close,
	.lock = host_lock,
	.unlock = host_unlock,
	.wait = host_wait,
	.wake = host_wake,
};

const char *xs_daemon_rundir(void)
{
	const char *dir = getenv("XENSTORED_RUNDIR");

	return dir ? dir : "/var/run/xenstored";
}

const char *xs_daemon_socket(void)
{
	static char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *given = getenv("XENSTORED_PATH");

	if (given)
		return given;
	if (snprintf(path, sizeof(path), "%s/socket", xs_daemon_rundir()) >= (int)sizeof(path))
		return NULL;
	return path;
}

const char *xs_daemon_socket_ro(void)
{
	return xs_daemon_socket();
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* The kernel's; elder ones have it in another place. */
static int open_kernel(void)
{
	int fd = open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC);

	return fd < 0 && errno == ENOENT ? open("/proc/xen/xenbus", O_RDWR | O_CLOEXEC) : fd;
}

/* A daemon's socket; what XENSTORED_PATH names may be a device as well. */
static int open_any(bool *is_socket)
{
	const char *path = xs_daemon_socket();
	struct stat about;
	int fd;

	*is_socket = true;
	if (!path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (!stat(path, &about) && !S_ISSOCK(about.st_mode)) {
		*is_socket = false;
		return open(path, O_RDWR | O_CLOEXEC);
	}
	fd = open_socket(path);
	if (fd >= 0 || getenv("XENSTORED_PATH"))
		return fd;
	*is_socket = false;
	return open_kernel();
}

struct client_link *client_link_open(void)
{
	struct host_link *link = calloc(1, sizeof(*link));
	int error;

	if (!link)
		return NULL;
	link->link.ops = &host_ops;
	link->wait_fd = -1;
	link->queued_fd = -1;
	pthread_mutex_init(&link->lock, NULL);
	pthread_cond_init(&link->changed, NULL);
	link->fd = open_any(&link->is_socket);
	if (link->fd >= 0)
		return &link->link;
	error = errno;
	free(link);
	errno = error;
	return NULL;
}
