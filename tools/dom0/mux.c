/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Channels of the serial line. Each is a connection to the daemon like that of an xl here, so that
 * whoever sits at the line's other end has its own consoles, images and limits.
 *
 * The daemon reads all that it is sent, so a channel without room keeps the others waiting for a
 * moment only.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tools/dom0/listener.h"
#include "tools/dom0/mux.h"
#include "tools/lib/mux.h"

/* One channel's turn, so that a long answer does not keep others waiting. */
#define TURN 512u

struct channel {
	int fd; /* only while connected */
	bool connected;
	bool ended; /* we said that it is closed, and wait for the same word */
	bool say_closed;
};

static struct channel channels[MUX_CHANNELS];
static struct mux_reader reader;
static unsigned int writing; /* whose bytes went out last */
static bool say_reset;

static void disconnect(struct channel *c)
{
	if (c->connected)
		close(c->fd);
	c->connected = false;
}

/* The daemon does not want it any more. The plain line begins anew with its next byte. */
static void end(struct channel *c)
{
	disconnect(c);
	c->ended = c->say_closed = c != &channels[0];
}

static void closed_there(struct channel *c)
{
	c->say_closed = !c->ended;
	c->ended = false;
	disconnect(c);
}

static void reset(void)
{
	unsigned int i;

	for (i = 0; i < MUX_CHANNELS; i++) {
		disconnect(&channels[i]);
		channels[i] = (struct channel){ 0 };
	}
	writing = 0;
	say_reset = true;
}

static bool connect_channel(struct channel *c)
{
	int fd = listener_connect();

	/* The daemon has not come to those who wait: it will. */
	if (fd == -EAGAIN)
		return false;
	c->fd = fd;
	c->connected = fd >= 0;
	if (!c->connected)
		end(c);
	return true;
}

/* The number of bytes that are done with. */
static size_t to_daemon(struct channel *c, const char *data, size_t len)
{
	ssize_t n;

	if (!c->connected && !c->ended && !connect_channel(c))
		return 0;
	if (!c->connected)
		return len;
	n = write(c->fd, data, len);
	if (n >= 0)
		return n;
	if (errno == EAGAIN)
		return 0;
	end(c);
	return len;
}

size_t mux_take(const char *data, size_t len)
{
	struct mux_piece piece;
	size_t used = 0, n;

	while ((n = mux_parse(&reader, data + used, len - used, &piece))) {
		if (piece.kind == MUX_DATA)
			n = to_daemon(&channels[piece.channel], piece.data, piece.len);
		else if (piece.kind == MUX_CLOSE)
			closed_there(&channels[piece.channel]);
		else if (piece.kind == MUX_RESET)
			reset();
		used += n;
		if (!n)
			break;
	}
	return used;
}

static size_t give_data(unsigned int channel, char *out, size_t size)
{
	struct channel *c = &channels[channel];
	size_t mark = channel == writing ? 0 : MUX_MARK;
	ssize_t n;

	if (!c->connected || size <= mark)
		return 0;
	size -= mark;
	n = read(c->fd, out + mark, size < TURN ? size : TURN);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		end(c);
		return 0;
	}
	if (mark)
		mux_mark(out, MUX_DATA, channel);
	writing = channel;
	return n + mark;
}

/* What is said of a channel itself. */
static size_t give_mark(unsigned int channel, char *out, size_t size)
{
	struct channel *c = &channels[channel];

	if (!c->say_closed || size < MUX_MARK)
		return 0;
	mux_mark(out, MUX_CLOSE, channel);
	c->say_closed = false;
	return MUX_MARK;
}

size_t mux_give(char *out, size_t size)
{
	static unsigned int turn;
	size_t len = 0;
	unsigned int i;

	if (say_reset && size >= MUX_MARK) {
		mux_mark(out, MUX_RESET, 0);
		len = MUX_MARK;
		say_reset = false;
	}
	for (i = 0; i < MUX_CHANNELS; i++) {
		turn = (turn + 1) % MUX_CHANNELS;
		len += give_data(turn, out + len, size - len);
		len += give_mark(turn, out + len, size - len);
	}
	return len;
}
