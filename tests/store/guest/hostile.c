/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests that mistreat the store: one writes noise all over its page, one asks without end and never
 * reads an answer, one stops in the middle of a message, one dies there. They speak past mini-OS's
 * own driver, whose event channel is masked, so that nobody reads what the store says.
 */
#include "tests/store/guest/hostile.h"

#include <stdio.h>
#include <string.h>

#include <minios/event.h>
#include <minios/mm.h>
#include <minios/shutdown.h>
#include <minios/start.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <minios/xenbus.h>

#include "pvabi/sched.h"

static volatile struct xenstore_domain_interface *page;

/* As much of it as there is room for. */
static size_t put_bytes(const void *data, size_t len)
{
	uint32_t prod = page->req_prod;
	size_t i;

	for (i = 0; i < len && prod - page->req_cons < XENSTORE_RING_SIZE; i++)
		page->req[MASK_XENSTORE_IDX(prod++)] = ((const char *)data)[i];
	__atomic_store_n(&page->req_prod, prod, __ATOMIC_RELEASE);
	return i;
}

static void be_noisy(void)
{
	volatile unsigned char *bytes = (volatile unsigned char *)page;
	uint32_t noise = 1;
	unsigned int i;

	for (;;) {
		for (i = 0; i < 256; i++) {
			noise = noise * 1664525u + 1013904223u;
			bytes[(noise >> 8) % sizeof(*page)] = noise >> 24;
		}
		/* Once in a while it makes up again, to be listened to. */
		page->connection = noise >> 30 ? XENSTORE_CONNECTED : XENSTORE_RECONNECT;
		event_notify(start_info->store_evtchn);
		thread_sleep(200 * NS_PER_USEC);
	}
}

/* Requests as fast as they fit, and an event for each time, whether they do or not. */
static void flood(void)
{
	static const char text[] = "data/flood";
	struct {
		struct xsd_sockmsg header;
		char path[sizeof(text)];
	} __attribute__((packed)) request = {{XS_MKDIR, 1, 0, sizeof(text)}, ""};
	size_t at = 0;

	memcpy(request.path, text, sizeof(text));
	for (;;) {
		at += put_bytes((char *)&request + at, sizeof(request) - at);
		if (at == sizeof(request))
			at = 0;
		event_notify(start_info->store_evtchn);
	}
}

static void put_half(void)
{
	static const struct xsd_sockmsg header = {XS_WRITE, 1, 0, 4000};

	put_bytes(&header, sizeof(header));
	put_bytes("data/half", 10);
	event_notify(start_info->store_evtchn);
}

static void stall(void)
{
	put_half();
	for (;;)
		thread_sleep(SEC(1000));
}

static void ignore(const char *path, void *context)
{
	(void)path;
	(void)context;
}

/* With a watch, a transaction and what it has written, and half a message on its way. */
static void die(void)
{
	struct xenbus_watch *watch;
	xenbus_tx_t tx;

	xenbus_watch("data", ignore, NULL, &watch);
	xenbus_write(XENBUS_NO_TX, "data/left", "behind", 6);
	xenbus_tx_start(&tx);
	xenbus_write(tx, "data/never", "seen", 4);
	event_mask(start_info->store_evtchn);
	put_half();
	domain_shutdown(SHUTDOWN_crash);
}

static const struct behaviour {
	const char *name;
	void (*run)(void);
	bool uses_driver;
} behaviours[] = {
	{"noise", be_noisy, false},
	{"flood", flood, false},
	{"stall", stall, false},
	{"die", die, true},
};

void hostile_run(const char *name)
{
	unsigned int i;

	page = pfn_to_virt(mfn_to_pfn(start_info->store_mfn));
	for (i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
		if (strcmp(name, behaviours[i].name))
			continue;
		printf("hostile: %s\n", name);
		if (!behaviours[i].uses_driver)
			event_mask(start_info->store_evtchn);
		behaviours[i].run();
	}
}
