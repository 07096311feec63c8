/* SPDX-License-Identifier: GPL-2.0-only */
/* The console: a ring that remembers, and the devices that show. */
#include "hypervisor/arch/console.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/string.h"

#define FIRST_RING_SIZE	KiB(16)
#define RING_SIZE_MAX	MiB(64)

char opt_console[64] = "com1,vga";
bool opt_sync_console;
u64 opt_conring_size = KiB(64);

static struct console_device *const devices[] = { &serial_com1, &serial_com2, &vga_console };

/* Guards the ring and the order in which devices are told. */
static struct spinlock console_lock = SPINLOCK_INIT("console", RANK_CONSOLE);

/* Positions count all characters ever written (modulo 2^32); ring_size is a power of two. */
static char first_ring[FIRST_RING_SIZE];
static char *ring = first_ring;
static u32 ring_size = FIRST_RING_SIZE;
static u32 ring_start, ring_end;

static void ring_put(const char *text, size_t len)
{
	for (; len; len--)
		ring[ring_end++ & (ring_size - 1)] = *text++;
	if (ring_end - ring_start > ring_size)
		ring_start = ring_end - ring_size;
}

static void write_devices(const char *text, size_t len)
{
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i]->on)
			devices[i]->write(text, len);
}

void console_write(const char *text, size_t len)
{
	lock(&console_lock);
	ring_put(text, len);
	write_devices(text, len);
	unlock(&console_lock);
}

void console_write_unkept(const char *text, size_t len)
{
	lock(&console_lock);
	write_devices(text, len);
	unlock(&console_lock);
}

/* A word of a list with commas; "vga,keep" is a way to say vga. */
static bool is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (!strncmp(list, word, len) && (!list[len] || list[len] == ','))
			return true;
	return false;
}

/* What was said so far is shown on the new device too. */
static void turn_on(struct console_device *device)
{
	if (device->on || !device->init())
		return;
	lock(&console_lock);
	device->on = true;
	for (u32 at = ring_start; at != ring_end; at++)
		device->write(&ring[at & (ring_size - 1)], 1);
	unlock(&console_lock);
}

void console_init(void)
{
	if (is_listed(opt_console, serial_com1.name))
		turn_on(&serial_com1);
	if (is_listed(opt_console, serial_com2.name))
		turn_on(&serial_com2);
}

void console_add_screen(u16 *memory)
{
	vga_set_memory(memory);
	if (is_listed(opt_console, vga_console.name))
		turn_on(&vga_console);
}

u32 console_ring_wanted(void)
{
	u64 size = 1ull << (63 - __builtin_clzl(MIN(opt_conring_size, RING_SIZE_MAX) | 1));

	return size > ring_size ? (u32)size : 0;
}

void console_set_ring(char *memory, u32 size)
{
	lock(&console_lock);
	for (u32 at = ring_start; at != ring_end; at++)
		memory[at & (size - 1)] = ring[at & (ring_size - 1)];
	ring = memory;
	ring_size = size;
	unlock(&console_lock);
}

size_t console_read_ring(char *dst, size_t len, u32 *index)
{
	u32 at = *index, n = 0;

	lock(&console_lock);
	/* Older than what is kept, or from the future: begin with the oldest. */
	if (ring_end - at > ring_end - ring_start)
		at = ring_start;
	while (n < len && at != ring_end)
		dst[n++] = ring[at++ & (ring_size - 1)];
	*index = at;
	unlock(&console_lock);
	return n;
}

void console_clear_ring(void)
{
	lock(&console_lock);
	ring_start = ring_end;
	unlock(&console_lock);
}

void console_force(void)
{
	bool any = false;

	spin_init(&console_lock, "console", RANK_CONSOLE);
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
		any |= devices[i]->on;
	if (!any)
		turn_on(&serial_com1);
}
