/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections to the daemon that come over the serial line, each a channel of it. */
#ifndef TOOLS_DOM0_MUX_H
#define TOOLS_DOM0_MUX_H

#include <stddef.h>

/* Takes what the line brought; the number of bytes used, the others must wait. */
size_t mux_take(const char *data, size_t len);
/* What the line shall carry next, at most @size bytes. */
size_t mux_give(char *out, size_t size);

#endif
