/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several connections over one line, as between xl's on a host and the control domain.
 *
 * Text of the protocol holds no control character but newline, so one of them is free: MUX_ESCAPE
 * and a letter say whose bytes follow ('@' + channel), that a channel is closed ('`' + channel), or
 * that all of them are ('!'). Who sees a channel close that it has not closed itself answers in
 * kind; then its number is free again. Channel 0 is the plain line, for those who know of no
 * others: it is there without a word, and never closes.
 */
#ifndef TOOLS_LIB_MUX_H
#define TOOLS_LIB_MUX_H

#include <stdbool.h>
#include <stddef.h>

#define MUX_CHANNELS 16u
#define MUX_ESCAPE   0x10
#define MUX_MARK     2u /* bytes of an escape and its letter */

enum mux_kind {
	MUX_NOTHING, /* a mark that says nothing by itself */
	MUX_DATA,
	MUX_CLOSE,
	MUX_RESET,
};

struct mux_reader {
	unsigned int channel;
	bool escaped;
};

struct mux_piece {
	enum mux_kind kind;
	unsigned int channel;
	const char *data;
	size_t len;
};

/* The first piece of what has arrived; the number of bytes it took, 0 when there are none. */
size_t mux_parse(struct mux_reader *reader, const char *data, size_t len, struct mux_piece *piece);
/* The mark before data of a channel, or of its end, or of the end of all. */
void mux_mark(char out[MUX_MARK], enum mux_kind kind, unsigned int channel);

#endif
