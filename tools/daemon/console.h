/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's console ring, as the back end sees it, with a history of what the guest wrote. */
#ifndef TOOLS_DAEMON_CONSOLE_H
#define TOOLS_DAEMON_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvabi/xen.h"
#include "pvabi/event_channel.h"
#include "pvabi/io/console.h"

#define CONSOLE_HISTORY 16384u
#define CONSOLE_INPUT	4096u /* typed, and not yet taken by the guest */

struct console {
	struct xencons_interface *ring; /* the guest's page: it may change at any time */
	int port; /* ours, 0: none */
	XENCONS_RING_IDX out_cons, in_prod; /* our own copies: the page's are never believed */
	char *history; /* byte n of the output stands at n % CONSOLE_HISTORY */
	uint64_t written; /* bytes of output ever */
	char input[CONSOLE_INPUT];
	size_t input_len;
};

/* Maps the ring and joins the event channel. */
int console_open(struct console *c, domid_t domid, uint64_t mfn, evtchn_port_t port);
void console_close(struct console *c);
/*
 * Takes what the guest wrote into the history, hands over typed input, and tells the guest. True
 * when there was output.
 */
bool console_work(struct console *c);
/* Types; what does not fit is dropped. The number of bytes taken. */
size_t console_type(struct console *c, const char *data, size_t len);
/*
 * Output from byte *@from on: one piece that the history still holds, or 0 when there is nothing
 * new. *@from moves on past what was forgotten.
 */
size_t console_since(const struct console *c, uint64_t *from, const char **data);

#endif
