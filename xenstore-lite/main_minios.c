/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store as a thread of the control domain's mini-OS.
 *
 * Threads are cooperative and the store never waits in the middle of anything, so it needs no lock:
 * the control domain's own clients call straight into it (client_minios.c), and the thread serves
 * the domains' rings. Event handlers come in between at any time; all they do is to note, in the
 * two variables below, what the thread has to look at. Those are touched with events masked.
 */
#include <errno.h>
#include <stdlib.h>

#include <minios/event.h>
#include <minios/foreign.h>
#include <minios/irq.h>
#include <minios/printk.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <minios/wait.h>

#include "tools/hypercall/xc.h"
#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/minios.h"
#include "xenstore-lite/server.h"

/* Something waits for memory: try again after so long. */
#define STARVED_NS MSEC(20)

/* Domains asked about in one hypercall. */
#define SURVEY 32

/*
 * What one domain may make the store hold. The control domain is small: many hostile guests together
 * must not fill it.
 */
#define DOMAIN_MEMORY (256u * 1024)

/* A domain's event channel. */
struct channel {
	struct chain pending; /* linked while an event has come that nobody has looked at */
	evtchn_port_t port;
	struct connection *connection;
};

static struct server server;
static struct wait_queue work;
static struct chain pending;
static bool domains_changed;
static bool poked;

/* --- in interrupt context --------------------------------------------------------------------- */

static void on_ring_event(evtchn_port_t port, void *context)
{
	struct channel *channel = context;

	(void)port;
	if (chain_empty(&channel->pending))
		chain_add_tail(&channel->pending, &pending);
	wake_one(&work);
}

static void on_domain_event(evtchn_port_t port, void *context)
{
	(void)port;
	(void)context;
	domains_changed = true;
	wake_one(&work);
}

/* --- the platform ----------------------------------------------------------------------------- */

static int map_page(uint16_t domid, uint64_t frame, void **page)
{
	xen_pfn_t mfn = frame;
	int error = -ENOMEM;

	if (mfn != frame)
		return -EINVAL;
	*page = foreign_map(domid, &mfn, 1, PROT_MAP_READ | PROT_MAP_WRITE, NULL, &error);
	return *page ? 0 : error;
}

static void unmap_page(uint16_t domid, void *page)
{
	(void)domid;
	foreign_unmap(page, 1);
}

static int bind_port(uint16_t domid, uint32_t remote_port, struct connection *connection,
		     void **result)
{
	struct channel *channel = memory_alloc(sizeof(*channel));
	bool masked;
	int port;

	if (!channel)
		return -ENOMEM;
	chain_init(&channel->pending);
	channel->connection = connection;
	/* The handler may run before the port's number is known here; it does not need it. */
	port = event_bind_interdomain(domid, remote_port, on_ring_event, channel);
	if (port >= 0) {
		channel->port = port;
		*result = channel;
		return 0;
	}
	masked = irq_save();
	chain_remove(&channel->pending);
	irq_restore(masked);
	memory_free(channel, sizeof(*channel));
	return port;
}

static void unbind_port(void *context)
{
	struct channel *channel = context;
	bool masked;

	event_close(channel->port);
	masked = irq_save();
	chain_remove(&channel->pending);
	irq_restore(masked);
	memory_free(channel, sizeof(*channel));
}

static void notify_port(void *context)
{
	struct channel *channel = context;

	event_notify(channel->port);
}

static bool exists(uint16_t domid)
{
	struct xen_domctl_getdomaininfo info;

	return !xc_domain_info(domid, &info) && !(info.flags & XEN_DOMINF_dying);
}

static enum domain_state state_from(const struct xen_domctl_getdomaininfo *info)
{
	if (info->flags & XEN_DOMINF_dying)
		return DOMAIN_GONE;
	return info->flags & XEN_DOMINF_shutdown ? DOMAIN_SHUT_DOWN : DOMAIN_RUNS;
}

static int survey(struct server *of)
{
	/* Too large for a thread's stack, and only this thread comes here. */
	static struct xen_domctl_getdomaininfo info[SURVEY];
	domid_t next = 0;
	int count, i;

	do {
		count = xc_domain_list(next, info, SURVEY);
		if (count < 0)
			return count;
		for (i = 0; i < count; i++)
			domain_report(of, info[i].domain, state_from(&info[i]));
		if (count)
			next = info[count - 1].domain + 1;
	} while (count == SURVEY);
	return 0;
}

static const struct platform platform = {
	.map = map_page,
	.unmap = unmap_page,
	.bind = bind_port,
	.unbind = unbind_port,
	.notify = notify_port,
	.exists = exists,
	.survey = survey,
};

static enum domain_state state_of(unsigned int bits)
{
	if (!(bits & XEN_DOMCTL_GETDOMSTATE_STATE_EXIST) ||
	    bits & XEN_DOMCTL_GETDOMSTATE_STATE_DYING)
		return DOMAIN_GONE;
	return bits & XEN_DOMCTL_GETDOMSTATE_STATE_SHUTDOWN ? DOMAIN_SHUT_DOWN : DOMAIN_RUNS;
}

/* A hypervisor that does not say which domains have changed is asked about all. */
static void check_domains(void)
{
	unsigned int state;
	domid_t domid;
	int rc;

	while (!(rc = xc_domain_changed(&domid, &state)))
		domain_has_changed(&server, domid, state_of(state));
	if (rc != -ENOENT)
		domain_check_all(&server);
}

/* --- the thread ------------------------------------------------------------------------------- */

/* Hands on what the event handlers have noted. */
static void take_events(void)
{
	bool masked = irq_save();
	bool changed = domains_changed;

	domains_changed = false;
	poked = false;
	while (!chain_empty(&pending)) {
		struct channel *channel = container_of(pending.next, struct channel, pending);

		chain_remove(&channel->pending);
		connection_wake(channel->connection);
	}
	irq_restore(masked);
	if (changed)
		check_domains();
}

static bool has_work(void)
{
	return !chain_empty(&pending) || domains_changed || poked;
}

static void run(void *unused)
{
	enum server_need need;

	(void)unused;
	for (;;) {
		take_events();
		need = server_step(&server);
		if (need == SERVER_MORE)
			thread_yield();
		else if (need == SERVER_STARVED)
			(void)wait_event_until(&work, has_work(), time_monotonic() + STARVED_NS);
		else
			wait_event(&work, has_work());
	}
}

static void log_line(const char *line)
{
	printk("xenstore: %s\n", line);
}

struct connection *xenstore_connect(const struct connection_kind *kind)
{
	return connection_new(&server, kind);
}

void xenstore_poke(void)
{
	if (!server_needs_step(&server))
		return;
	poked = true;
	wake_one(&work);
}

int xenstore_start(void)
{
	struct thread *thread;
	int virq, error;

	wait_queue_init(&work);
	chain_init(&pending);
	error = server_init(&server, &platform);
	if (error)
		return error;
	server.log = log_line;
	server.store.accounts.limit[QUOTA_MEMORY] = DOMAIN_MEMORY;
	virq = event_bind_virq(VIRQ_DOM_EXC, on_domain_event, NULL);
	error = virq;
	if (virq < 0)
		goto no_virq;
	thread = thread_create("xenstore", run, NULL, 0);
	error = -ENOMEM;
	if (!thread)
		goto no_thread;
	thread_detach(thread);
	return 0;

no_thread:
	event_close(virq);
no_virq:
	server_destroy(&server);
	return error;
}
