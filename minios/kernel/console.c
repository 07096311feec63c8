/* SPDX-License-Identifier: MIT */
/* The console: blocking reads and writes over whichever backend there is. */
#include <string.h>
#include <minios/console.h>
#include <minios/console_backend.h>
#include <minios/file.h>
#include <minios/printk.h>
#include <minios/sync.h>
#include <minios/thread.h>
#include <minios/time.h>

/* How long a write that cannot sleep waits for the other side. */
#define PATIENCE MSEC(500)

static const struct console_backend *backend;
static struct wait_queue changed = WAIT_QUEUE_INIT(changed);
static struct mutex write_lock = MUTEX_INIT(write_lock);

void console_wake(void)
{
	wake_all(&changed);
	file_wake();
}

static void write_waiting(const char *p, size_t len)
{
	size_t n;

	mutex_lock(&write_lock);
	while (len) {
		wait_event(&changed, (n = backend->write(p, len)) > 0);
		p += n;
		len -= n;
	}
	mutex_unlock(&write_lock);
}

static void write_patient(const char *p, size_t len)
{
	uint64_t end = time_monotonic() + PATIENCE;
	size_t n;

	while (len && time_monotonic() < end) {
		n = backend->write(p, len);
		p += n;
		len -= n;
	}
}

void console_write(const void *data, size_t len)
{
	if (!backend)
		return;
	if (irq_context() || priv_events_masked())
		write_patient(data, len);
	else
		write_waiting(data, len);
}

size_t console_read_until(void *data, size_t len, uint64_t deadline)
{
	if (!backend || !len)
		return 0;
	wait_event_until(&changed, backend->readable(), deadline);
	return backend->read(data, len);
}

size_t console_read(void *data, size_t len)
{
	/* A domain without a console reads for ever, as from a line nobody types on. */
	if (!backend)
		thread_sleep_until(NO_DEADLINE);
	return console_read_until(data, len, NO_DEADLINE);
}

bool console_drain(uint64_t deadline)
{
	return !backend || wait_event_until(&changed, backend->empty(), deadline);
}

bool console_readable(void)
{
	return backend && backend->readable();
}

void console_write_text(const void *data, size_t len)
{
	const char *p = data, *end = p + len, *nl;

	while (p < end) {
		nl = memchr(p, '\n', end - p);
		console_write(p, (nl ? nl : end) - p);
		if (!nl)
			break;
		console_write("\r\n", 2);
		p = nl + 1;
	}
}

void console_init(void)
{
	backend = console_ring_init();
	if (!backend)
		backend = console_hv_init();
	if (backend)
		printk_set_sink(console_write_text);
}
