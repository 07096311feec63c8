/* SPDX-License-Identifier: GPL-2.0-only */
/* Marks of channels within a line: written and found. */
#include <string.h>

#include "tools/lib/mux.h"

#define OPEN_BASE  '@'
#define CLOSE_BASE '`'
#define RESET	   '!'

void mux_mark(char out[MUX_MARK], enum mux_kind kind, unsigned int channel)
{
	out[0] = MUX_ESCAPE;
	out[1] = kind == MUX_RESET ? RESET : (kind == MUX_CLOSE ? CLOSE_BASE : OPEN_BASE) + channel;
}

static void read_letter(struct mux_reader *reader, unsigned char letter, struct mux_piece *piece)
{
	reader->escaped = false;
	if (letter == RESET) {
		reader->channel = 0;
		piece->kind = MUX_RESET;
	} else if (letter >= OPEN_BASE && letter < OPEN_BASE + MUX_CHANNELS) {
		reader->channel = letter - OPEN_BASE;
	} else if (letter > CLOSE_BASE && letter < CLOSE_BASE + MUX_CHANNELS) {
		piece->kind = MUX_CLOSE;
		piece->channel = letter - CLOSE_BASE;
	}
}

size_t mux_parse(struct mux_reader *reader, const char *data, size_t len, struct mux_piece *piece)
{
	const char *escape;

	*piece = (struct mux_piece){ .kind = MUX_NOTHING };
	if (!len)
		return 0;
	if (reader->escaped) {
		read_letter(reader, data[0], piece);
		return 1;
	}
	escape = memchr(data, MUX_ESCAPE, len);
	if (escape == data) {
		reader->escaped = true;
		return 1;
	}
	*piece = (struct mux_piece){
		.kind = MUX_DATA,
		.channel = reader->channel,
		.data = data,
		.len = escape ? (size_t)(escape - data) : len,
	};
	return piece->len;
}
