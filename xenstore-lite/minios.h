/* SPDX-License-Identifier: GPL-2.0-only */
/* The store inside the control domain's mini-OS. */
#ifndef XENSTORE_LITE_MINIOS_H
#define XENSTORE_LITE_MINIOS_H

/*
 * Makes the store and starts its thread; call once, before the first xs_open(). 0 or a negative
 * errno. The store binds VIRQ_DOM_EXC: @releaseDomain is how others learn that a domain has died.
 */
int xenstore_start(void);

/* Inside xenstore-lite: what the local clients need. */
struct connection;
struct connection_kind;

struct connection *xenstore_connect(const struct connection_kind *kind);
/* A request was handed in directly: lets the store's thread do what may be left to do. */
void xenstore_poke(void);

#endif
