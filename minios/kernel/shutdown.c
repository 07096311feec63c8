/* SPDX-License-Identifier: MIT */
/* Ending the domain, by its own wish or at the toolstack's request. */
#include <stdlib.h>
#include <string.h>
#include <minios/arch/priv.h>
#include <minios/console.h>
#include <minios/printk.h>
#include <minios/shutdown.h>
#include <minios/time.h>
#include <minios/xenbus.h>
#include "pvabi/sched.h"

static void (*on_request)(unsigned int reason);

void domain_shutdown(unsigned int reason)
{
	console_drain(time_monotonic() + SEC(1));
	priv_shutdown(reason);
}

void domain_poweroff(void)
{
	domain_shutdown(SHUTDOWN_poweroff);
}

void domain_reboot(void)
{
	domain_shutdown(SHUTDOWN_reboot);
}

void shutdown_on_request(void (*fn)(unsigned int reason))
{
	on_request = fn;
}

struct command {
	const char *name;
	unsigned int reason;
};

static const struct command commands[] = {
	{ "poweroff", SHUTDOWN_poweroff },
	{ "halt", SHUTDOWN_poweroff },
	{ "reboot", SHUTDOWN_reboot },
};

static void obey(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(name, commands[i].name))
			continue;
		printk("%s requested\n", name);
		if (on_request)
			on_request(commands[i].reason);
		else
			domain_shutdown(commands[i].reason);
		return;
	}
	/* "suspend" among them: the rings could not be set up again. */
	printk("request \"%s\" is not supported\n", name);
}

/* The toolstack writes a word; we clear it as acknowledgement, then obey. */
static void control_changed(const char *path, void *ctx)
{
	char *name;

	(void)ctx;
	if (xenbus_read(XENBUS_NO_TX, path, &name, NULL))
		return;
	if (*name) {
		xenbus_write(XENBUS_NO_TX, path, "", 0);
		obey(name);
	}
	free(name);
}

void shutdown_init(void)
{
	static const char *const features[] = {
		"control/feature-poweroff", "control/feature-reboot", "control/feature-halt",
	};
	struct xenbus_watch *watch;
	size_t i;

	if (!xenbus_available())
		return;
	if (xenbus_watch("control/shutdown", control_changed, NULL, &watch))
		printk("control/shutdown cannot be watched\n");
	/* Announced where the toolstack made them writable for us; else that is its choice. */
	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		xenbus_write(XENBUS_NO_TX, features[i], "1", 1);
}
