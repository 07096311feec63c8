/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's console ring.
 *
 * The guest owns the page: indices there can be anything at any time. Ours are kept here and only
 * published; the guest's are read once a round and bounded by the ring's size, so the worst a
 * guest can do is to show rubbish on its own console.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/daemon/console.h"
#include "tools/platform/platform.h"

#define OUT_SIZE sizeof(((struct xencons_interface *)0)->out)
#define IN_SIZE	 sizeof(((struct xencons_interface *)0)->in)

int console_open(struct console *c, domid_t domid, uint64_t mfn, evtchn_port_t port)
{
	xen_pfn_t frame = mfn;
	void *va;
	int rc;

	memset(c, 0, sizeof(*c));
	c->history = malloc(CONSOLE_HISTORY);
	if (!c->history)
		return -ENOMEM;
	rc = plat_map_frames(&va, domid, &frame, 1, true);
	if (rc) {
		free(c->history);
		c->history = NULL;
		return rc;
	}
	c->ring = va;
	rc = plat_evtchn_bind(domid, port);
	if (rc < 0) {
		console_close(c);
		return rc;
	}
	c->port = rc;
	return 0;
}

void console_close(struct console *c)
{
	if (c->port)
		plat_evtchn_unbind(c->port);
	if (c->ring)
		plat_unmap_frames(c->ring, 1);
	free(c->history);
	memset(c, 0, sizeof(*c));
}

/* A ring that claims more than it can hold has all of it read. */
static size_t take_output(struct console *c)
{
	XENCONS_RING_IDX prod = __atomic_load_n(&c->ring->out_prod, __ATOMIC_ACQUIRE);
	size_t count = prod - c->out_cons, i;

	if (count > OUT_SIZE) {
		c->out_cons = prod - OUT_SIZE;
		count = OUT_SIZE;
	}
	for (i = 0; i < count; i++)
		c->history[c->written++ % CONSOLE_HISTORY] = __atomic_load_n(
			&c->ring->out[MASK_XENCONS_IDX(c->out_cons++, c->ring->out)],
			__ATOMIC_RELAXED);
	/* The bytes are read before the guest may overwrite them. */
	__atomic_store_n(&c->ring->out_cons, c->out_cons, __ATOMIC_RELEASE);
	return count;
}

static size_t give_input(struct console *c)
{
	XENCONS_RING_IDX cons = __atomic_load_n(&c->ring->in_cons, __ATOMIC_ACQUIRE);
	size_t used = c->in_prod - cons, i;

	/* A guest whose index makes no sense gets no input until it does. */
	for (i = 0; i < c->input_len && used < IN_SIZE; i++, used++)
		c->ring->in[MASK_XENCONS_IDX(c->in_prod++, c->ring->in)] = c->input[i];
	if (!i)
		return 0;
	__atomic_store_n(&c->ring->in_prod, c->in_prod, __ATOMIC_RELEASE);
	c->input_len -= i;
	memmove(c->input, c->input + i, c->input_len);
	return i;
}

bool console_work(struct console *c)
{
	size_t taken, given;

	if (!c->ring)
		return false;
	taken = take_output(c);
	given = give_input(c);
	if (taken || given)
		plat_evtchn_notify(c->port);
	return taken;
}

size_t console_type(struct console *c, const char *data, size_t len)
{
	if (!c->ring)
		return 0;
	if (len > CONSOLE_INPUT - c->input_len)
		len = CONSOLE_INPUT - c->input_len;
	memcpy(c->input + c->input_len, data, len);
	c->input_len += len;
	if (give_input(c))
		plat_evtchn_notify(c->port);
	return len;
}

size_t console_since(const struct console *c, uint64_t *from, const char **data)
{
	uint64_t oldest = c->written > CONSOLE_HISTORY ? c->written - CONSOLE_HISTORY : 0;
	size_t at, to_end;

	if (*from < oldest)
		*from = oldest;
	at = *from % CONSOLE_HISTORY;
	to_end = CONSOLE_HISTORY - at;
	*data = c->history + at;
	return c->written - *from < to_end ? c->written - *from : to_end;
}
