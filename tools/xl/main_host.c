/* SPDX-License-Identifier: GPL-2.0-only */
/* xl on a host: a terminal, files, and a Unix socket that leads to the control daemon. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tools/xl/broker.h"
#include "tools/xl/xl.h"

#define DEFAULT_SOCKET "build/paravane.sock"
#define DAEMON_SOCKET  "/run/paravane.sock"

static struct termios saved;
static volatile sig_atomic_t is_raw;
static bool keys_end;

/* A daemon's own socket if one is named or nothing but it is there; else the machine's line. */
static int io_connect(struct xl_io *io)
{
	const char *line = getenv("PARAVANE_SOCKET"), *own = getenv("PARAVANE_DAEMON");
	int fd;

	(void)io;
	if (!own && !line && access(DEFAULT_SOCKET, F_OK) && !access(DAEMON_SOCKET, F_OK))
		own = DAEMON_SOCKET;
	fd = own ? socket_connect(own, "") : broker_connect(line ? line : DEFAULT_SOCKET);
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void io_disconnect(struct xl_io *io, int fd)
{
	(void)io;
	close(fd);
}

static void io_wait(struct xl_io *io, int fd, bool write, bool keys, int timeout_ms)
{
	struct pollfd fds[2] = {
		{ .fd = fd, .events = POLLIN | (write ? POLLOUT : 0) },
		{ .fd = keys && !keys_end ? STDIN_FILENO : -1, .events = POLLIN },
	};

	(void)io;
	poll(fds, 2, timeout_ms);
}

/* A file as input ends; what it said is still sent, and the console stays until it closes. */
static int io_read_keys(struct xl_io *io, char *out, size_t size)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t n;

	(void)io;
	if (keys_end || poll(&in, 1, 0) <= 0)
		return 0;
	n = read(STDIN_FILENO, out, size);
	if (n <= 0)
		keys_end = true;
	return n > 0 ? n : 0;
}

static void io_set_raw(struct xl_io *io, bool raw)
{
	struct termios t;

	(void)io;
	if (raw == is_raw || !isatty(STDIN_FILENO))
		return;
	if (raw) {
		if (tcgetattr(STDIN_FILENO, &saved))
			return;
		t = saved;
		cfmakeraw(&t);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
	} else {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	}
	is_raw = raw;
}

static void io_show(struct xl_io *io, const char *data, size_t len)
{
	fwrite(data, 1, len, io->out);
	fflush(io->out);
}

/* Who ends us finds the terminal as it was. */
static void on_signal(int sig)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	signal(sig, SIG_DFL);
	raise(sig);
}

static uint64_t io_now_ms(struct xl_io *io)
{
	struct timespec now;

	(void)io;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void measure(int fd, unsigned int *rows, unsigned int *columns)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return;
	*rows = size.ws_row;
	*columns = size.ws_col;
}

static void io_screen_size(struct xl_io *io, unsigned int *rows, unsigned int *columns)
{
	(void)io;
	measure(STDOUT_FILENO, rows, columns);
}

/* In one line, however narrow: the end of a long name says most, the bar can do with less. */
static void io_progress(struct xl_io *io, const char *what, size_t done, size_t total)
{
	static const char bar[] = "##############################";
	unsigned int rows, columns = 80;
	int width, room, filled;

	measure(STDERR_FILENO, &rows, &columns);
	width = columns >= 50 ? 30 : columns >= 30 ? 10 : 0;
	room = (int)columns - width - 9 > 40 ? 40 : (int)columns - width - 9;
	if (room < 0)
		room = 0;
	if (strlen(what) > (size_t)room)
		what += strlen(what) - room;
	filled = (int)(done * width / total);
	fprintf(io->err, "\r%s [%-*.*s] %3d%%%s", what, width, filled, bar, (int)(done * 100 / total),
		done < total ? "" : "\n");
	fflush(io->err);
}

/* All of a descriptor's bytes; NULL when they cannot be had. */
static char *read_fd(int fd, size_t *len)
{
	struct buf data = { 0 };
	char piece[65536];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR))
		buf_add(&data, piece, n > 0 ? n : 0);
	if (n < 0 || data.failed)
		buf_free(&data);
	*len = data.len;
	return data.data;
}

/* If it fails, the file goes as it is; gzip need not say why. */
static void run_gzip(int in, int out)
{
	int null = open("/dev/null", O_WRONLY);

	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0)
		execlp("gzip", "gzip", "-9", "-c", (char *)NULL);
	_exit(127);
}

/* By the gzip program, which every Debian has. */
static char *io_pack(const char *path, size_t *len)
{
	int in = open(path, O_RDONLY | O_CLOEXEC), pipe_fds[2], status = 0;
	char *data = NULL;
	pid_t child;

	if (in < 0)
		return NULL;
	if (pipe2(pipe_fds, O_CLOEXEC)) {
		close(in);
		return NULL;
	}
	child = fork();
	if (!child)
		run_gzip(in, pipe_fds[1]);
	close(pipe_fds[1]);
	close(in);
	if (child > 0) {
		data = read_fd(pipe_fds[0], len);
		waitpid(child, &status, 0);
	}
	close(pipe_fds[0]);
	if (child > 0 && !status)
		return data;
	free(data);
	return NULL;
}

/* "examples/hello.cfg" is the tree's tools/examples/hello.cfg, two folders up from build/host/xl. */
static bool io_find(const char *path, char *found, size_t size)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *end;
	int i;

	if (len < 0 || path[0] == '/')
		return false;
	self[len] = '\0';
	for (i = 0; i < 3; i++) {
		end = strrchr(self, '/');
		if (!end)
			return false;
		*end = '\0';
	}
	return snprintf(found, size, "%s/tools/%s", self, path) < (int)size;
}

int main(int argc, char **argv)
{
	struct xl_io io = {
		.out = stdout,
		.err = stderr,
		.connect = io_connect,
		.disconnect = io_disconnect,
		.wait = io_wait,
		.read_keys = io_read_keys,
		.set_raw = io_set_raw,
		.show = io_show,
		.now_ms = io_now_ms,
		.screen_size = io_screen_size,
		.progress = io_progress,
		.pack = io_pack,
		.find = io_find,
		.remote = true,
		.daemon_help = "; is the machine running ('make run'), or PARAVANE_SOCKET set?",
	};

	const char *no_color;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	io.screen = isatty(STDOUT_FILENO);
	io.show_progress = isatty(STDERR_FILENO);
	no_color = getenv("NO_COLOR");
	io.colour = io.show_progress && !(no_color && *no_color);
	return xl_main(&io, argc, argv);
}
