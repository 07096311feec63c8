/* SPDX-License-Identifier: GPL-2.0-only */
/* xl's surroundings in the control domain: its console, and the daemon next door. */
#include <unistd.h>

#include <minios/console.h>
#include <minios/file.h>
#include <minios/time.h>

#include "tools/dom0/io.h"
#include "tools/dom0/listener.h"

static int io_connect(struct xl_io *io)
{
	(void)io;
	return listener_connect();
}

static void io_disconnect(struct xl_io *io, int fd)
{
	(void)io;
	close(fd);
}

/* A stream knows by itself that its writer waits for room. */
static void io_wait(struct xl_io *io, int fd, bool write, bool keys, int timeout_ms)
{
	int fds[2], count = 0;

	(void)io;
	(void)write;
	if (fd >= 0)
		fds[count++] = fd;
	if (keys)
		fds[count++] = 0;
	file_wait(fds, count, timeout_ms < 0 ? UINT64_MAX : time_monotonic() + MSEC(timeout_ms));
}

static int io_read_keys(struct xl_io *io, char *out, size_t size)
{
	(void)io;
	return console_read_until(out, size, 0);
}

static void io_set_raw(struct xl_io *io, bool raw)
{
	(void)io;
	console_set_raw(raw);
}

static void io_show(struct xl_io *io, const char *data, size_t len)
{
	(void)io;
	console_write(data, len);
}

static uint64_t io_now_ms(struct xl_io *io)
{
	(void)io;
	return time_monotonic() / NS_PER_MSEC;
}

void dom0_io_init(struct xl_io *io)
{
	*io = (struct xl_io){
		.out = stdout,
		.err = stdout,
		.connect = io_connect,
		.disconnect = io_disconnect,
		.wait = io_wait,
		.read_keys = io_read_keys,
		.set_raw = io_set_raw,
		.show = io_show,
		.now_ms = io_now_ms,
		.own_keys = true,
		.screen = true,
		.daemon_help = "",
	};
}
