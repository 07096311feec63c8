/* SPDX-License-Identifier: MIT */
/*
 * Client of the store (xenstore) over the shared ring.
 *
 * A guest's ring stands in start_info and is attached at boot; a program that has the store in its
 * own image can attach a ring of its own. All calls may be made from any thread, and sleep until
 * the answer is there; none from interrupt context. Without a store they return -ENODEV (control
 * domain before attach; guest whose start_info names none). Errors of the store come as negative
 * errno. Paths without a leading slash are relative to the domain's own directory.
 */
#ifndef MINIOS_XENBUS_H
#define MINIOS_XENBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "pvabi/xen.h"
#include "pvabi/event_channel.h"
#include "pvabi/io/xs_wire.h"

typedef uint32_t xenbus_tx_t;
#define XENBUS_NO_TX 0

bool xenbus_available(void);

/* The value, NUL-terminated (values may hold NULs; len, if given, says the length); free() it. */
int xenbus_read(xenbus_tx_t tx, const char *path, char **value, size_t *len);
int xenbus_write(xenbus_tx_t tx, const char *path, const void *value, size_t len);
int xenbus_printf(xenbus_tx_t tx, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int xenbus_mkdir(xenbus_tx_t tx, const char *path);
int xenbus_rm(xenbus_tx_t tx, const char *path);

/* The children's names; free() the array alone (the names lie behind the pointers). */
int xenbus_directory(xenbus_tx_t tx, const char *path, char ***names, unsigned int *count);

/* Permissions as on the wire: NUL-terminated "n0", "r5" ... side by side. */
int xenbus_get_perms(xenbus_tx_t tx, const char *path, char **perms, size_t *len);
int xenbus_set_perms(xenbus_tx_t tx, const char *path, const void *perms, size_t len);

/*
 * A transaction: start, use its id, end. xenbus_tx_end(tx, false) gives -EAGAIN when somebody else
 * changed what it read: do all of it again.
 */
int xenbus_tx_start(xenbus_tx_t *tx);
int xenbus_tx_end(xenbus_tx_t tx, bool abort);

/*
 * Watches. The handler runs in the xenbus watch thread (so it may use the store and sleep), with
 * the path that changed; it is called once right after the watch is set. Events of one watch come
 * in order. xenbus_unwatch() returns when the handler will not be called any more; a handler must
 * not take its own watch away.
 */
struct xenbus_watch;
typedef void (*xenbus_watch_fn)(const char *path, void *ctx);

int xenbus_watch(const char *path, xenbus_watch_fn fn, void *ctx, struct xenbus_watch **watch);
int xenbus_unwatch(struct xenbus_watch *watch);

/* Sleeps until the value at path exists and equals (or, with value NULL, exists). */
int xenbus_wait_for(const char *path, const char *value, uint64_t deadline);

/*
 * Any request: type XS_*, the payload in pieces, the reply's payload in *reply (free() it, NUL put
 * behind). For XS_INTRODUCE and its like.
 */
struct xenbus_piece {
	const void *data;
	size_t len;
};

int xenbus_request(uint32_t type, xenbus_tx_t tx, const struct xenbus_piece *pieces,
		   unsigned int count, char **reply, size_t *reply_len);

/* Attaches the ring at intf, signalled by local port; starts the two threads. */
int xenbus_attach(struct xenstore_domain_interface *intf, evtchn_port_t port);

/* The kernel's: attaches what start_info names, if anything. */
void xenbus_init(void);

#endif
