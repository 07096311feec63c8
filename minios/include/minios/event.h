/* SPDX-License-Identifier: MIT */
/*
 * Event channels.
 *
 * Each local port has one handler, called in interrupt context (see <minios/irq.h>) with the port
 * and the pointer given when it was bound. The pending bit is cleared before the handler is called,
 * so an event that comes while it runs calls it again. Functions that return a port return a
 * negative errno on failure. A port is unmasked when the function returns, unless it says
 * otherwise.
 *
 * Where another domain is at the other end (event_bind_interdomain, event_alloc_unbound), at most
 * one event comes between two points at which threads give up the CPU, so that a domain which sends
 * without pause cannot keep us from working. Later ones are merged, none is lost.
 */
#ifndef MINIOS_EVENT_H
#define MINIOS_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "pvabi/xen.h"
#include "pvabi/event_channel.h"

typedef void (*event_handler_t)(evtchn_port_t port, void *ctx);

int event_bind_virq(unsigned int virq, event_handler_t handler, void *ctx);
int event_bind_interdomain(domid_t remote, evtchn_port_t remote_port, event_handler_t handler,
			   void *ctx);
int event_alloc_unbound(domid_t remote, event_handler_t handler, void *ctx);

/* A control domain's: allocates, in domain dom, a port that remote may bind. No handler is ours. */
int event_alloc_unbound_in(domid_t dom, domid_t remote);

/* Takes over a port that exists already (start_info names two). -EBUSY when it has a handler. */
int event_take(evtchn_port_t port, event_handler_t handler, void *ctx);

/* Pending events of a masked port are kept and delivered by event_unmask(). */
void event_mask(evtchn_port_t port);
void event_unmask(evtchn_port_t port);

/* Signals the other end. 0 or a negative errno. */
int event_notify(evtchn_port_t port);

/* EVTCHNOP_status of a port of dom (DOMID_SELF for ours). */
int event_status(domid_t dom, evtchn_port_t port, struct evtchn_status *status);

/* Closes the port; its handler is not called after this returns. */
void event_close(evtchn_port_t port);

/*
 * From now on by the FIFO ABI, which has 131,072 ports. -ENOSYS where there is none: all stays as it
 * is. Not for a handler.
 */
int event_use_fifo(void);

/* The kernel's: registers the upcall; runs the handlers of all pending ports, events masked. */
void event_init(void);
void event_dispatch(void);

/* The scheduler's: begins to hold ports of other domains; lets those go that are held. */
void event_hold_foreign(void);
void event_release_held(void);

#endif
