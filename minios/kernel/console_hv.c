/* SPDX-License-Identifier: MIT */
/* The control domain's console: the hypervisor's own, by console_io and VIRQ_CONSOLE. */
#include <minios/console_backend.h>
#include <minios/event.h>
#include <minios/hypercall.h>
#include <minios/irq.h>
#include <minios/start.h>

/* What was typed and not yet read; head and tail run freely. */
static char input[1024];
static unsigned int head, tail;

static size_t hv_write(const void *data, size_t len)
{
	/* The hypervisor takes all, or nothing for ever. */
	hypercall_console_io(CONSOLEIO_write, len, (char *)data);
	return len;
}

static size_t hv_read(void *data, size_t len)
{
	bool masked = irq_save();
	char *p = data;
	size_t n = 0;

	while (n < len && head != tail)
		p[n++] = input[tail++ % sizeof(input)];
	irq_restore(masked);
	return n;
}

static bool hv_readable(void)
{
	return head != tail;
}

static bool hv_empty(void)
{
	return true;
}

static const struct console_backend backend = {
	.write = hv_write,
	.read = hv_read,
	.readable = hv_readable,
	.empty = hv_empty,
};

/* Everything is taken at once: no second event comes for what is left. Overflow is dropped. */
static void hv_event(evtchn_port_t port, void *ctx)
{
	char chunk[64];
	long n, i;

	(void)port, (void)ctx;
	while ((n = hypercall_console_io(CONSOLEIO_read, sizeof(chunk), chunk)) > 0)
		for (i = 0; i < n && head - tail < sizeof(input); i++)
			input[head++ % sizeof(input)] = chunk[i];
	console_wake();
}

const struct console_backend *console_hv_init(void)
{
	if (!start_is_control())
		return NULL;
	/* Without the virq it is still a console to write to. */
	event_bind_virq(VIRQ_CONSOLE, hv_event, NULL);
	return &backend;
}
