/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The second serial port, by which xl on a host comes in.
 *
 * The line is polled: often while something moves, seldom otherwise. That costs a few instructions
 * a second, and no interrupt line has to be routed to the control domain. Nothing is lost: what
 * does not fit our buffer stays in the port, and the other side waits.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <minios/hypercall.h>
#include <minios/thread.h>
#include <minios/time.h>

#include "pvabi/physdev.h"
#include "tools/dom0/mux.h"
#include "tools/dom0/serial.h"

#define BASE 0x2f8 /* COM2 */

/* A 16550's registers. */
#define DATA		0
#define INT_ENABLE	1
#define FIFO_CONTROL	2
#define LINE_CONTROL	3
#define MODEM_CONTROL	4
#define LINE_STATUS	5
#define SCRATCH		7
#define INT_RECEIVED	0x01 /* shown in INT_IDENT; the line leads nowhere */
#define INT_IDENT	2
#define IDENT_MASK	0x0f
#define IDENT_LEVEL	0x04 /* as many bytes as the trigger level says, or more */
#define FIFO_ON		0xc7 /* on, both emptied, level 14 */
#define FIFO_LEVEL	14
#define LINE_8N1	0x03
#define LINE_DIVISOR	0x80
#define MODEM_READY	0x03
#define STATUS_DATA	0x01
#define STATUS_EMPTY	0x20
#define FIFO_SIZE	16

#define BUFFER	  8192u
#define MAX_PIECE 1024u
#define SPIN_FOR   (NS_PER_MSEC * 2)
#define BUSY_WAIT (NS_PER_USEC * 200)
#define IDLE_WAIT (NS_PER_MSEC * 10)
#define IDLE_AFTER (NS_PER_MSEC * 100)

struct ring {
	uint8_t data[BUFFER];
	size_t at, len;
};

static struct ring in, out;

/* The control domain may use the port; the hypervisor carries the access out. */
static uint8_t port_in(unsigned int reg)
{
	uint8_t value;

	__asm__ volatile("inb %w1, %b0" : "=a"(value) : "Nd"(BASE + reg));
	return value;
}

static void port_out(unsigned int reg, uint8_t value)
{
	__asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(BASE + reg));
}

static bool port_present(void)
{
	struct physdev_set_iopl op = { .iopl = 1 };

	if (hypercall_physdev_op(PHYSDEVOP_set_iopl, &op))
		return false;
	port_out(SCRATCH, 0x5a);
	return port_in(SCRATCH) == 0x5a;
}

static void port_setup(void)
{
	port_out(INT_ENABLE, 0);
	port_out(LINE_CONTROL, LINE_DIVISOR);
	port_out(DATA, 1); /* 115200 */
	port_out(INT_ENABLE, 0);
	port_out(LINE_CONTROL, LINE_8N1);
	port_out(FIFO_CONTROL, FIFO_ON);
	port_out(INT_ENABLE, INT_RECEIVED);
	port_out(MODEM_CONTROL, MODEM_READY);
}

static void take_bytes(unsigned int count)
{
	while (count--)
		in.data[(in.at + in.len++) % BUFFER] = port_in(DATA);
}

/* Each access to the port is a trap: a full FIFO is taken without asking before each byte. */
static bool receive(void)
{
	size_t before = in.len;

	while (in.len <= BUFFER - FIFO_LEVEL) {
		if ((port_in(INT_IDENT) & IDENT_MASK) == IDENT_LEVEL)
			take_bytes(FIFO_LEVEL);
		else if (port_in(LINE_STATUS) & STATUS_DATA)
			take_bytes(1);
		else
			break;
	}
	return in.len > before;
}

static bool transmit(void)
{
	unsigned int i;

	if (!out.len || !(port_in(LINE_STATUS) & STATUS_EMPTY))
		return false;
	for (i = 0; i < FIFO_SIZE && out.len; i++, out.len--) {
		port_out(DATA, out.data[out.at]);
		out.at = (out.at + 1) % BUFFER;
	}
	return true;
}

/* Hands on what came, in the pieces that lie side by side. */
static bool hand_on(void)
{
	size_t n, to_end;
	bool moved = false;

	while (in.len) {
		to_end = BUFFER - in.at;
		n = mux_take((char *)in.data + in.at, in.len < to_end ? in.len : to_end);
		if (!n)
			break;
		in.at = (in.at + n) % BUFFER;
		in.len -= n;
		moved = true;
	}
	return moved;
}

static bool fetch(void)
{
	char piece[MAX_PIECE];
	size_t i, n, room = BUFFER - out.len;

	n = mux_give(piece, room < sizeof(piece) ? room : sizeof(piece));
	for (i = 0; i < n; i++)
		out.data[(out.at + out.len++) % BUFFER] = piece[i];
	return n > 0;
}

/* A FIFO holds 16 bytes: while they come, sleeping between them would be most of the time. */
static void pause_after(uint64_t quiet)
{
	if (quiet < SPIN_FOR)
		thread_yield();
	else if (quiet < IDLE_AFTER || out.len)
		thread_sleep(BUSY_WAIT);
	else
		thread_sleep(IDLE_WAIT);
}

static void serial_thread(void *arg)
{
	uint64_t last = 0;
	bool moved;

	(void)arg;
	for (;;) {
		moved = receive();
		moved |= hand_on();
		moved |= fetch();
		moved |= transmit();
		if (moved)
			last = time_monotonic();
		pause_after(time_monotonic() - last);
	}
}

int serial_start(void)
{
	struct thread *thread;

	if (!port_present())
		return -ENODEV;
	port_setup();
	thread = thread_create("serial", serial_thread, NULL, 0);
	if (!thread)
		return -ENOMEM;
	thread_detach(thread);
	return 0;
}
