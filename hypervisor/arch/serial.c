/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serial ports COM1 and COM2: 16550 UARTs with their FIFO. Output is polled, so that every message
 * is out before the next step is taken; input comes by interrupt.
 */
#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/console.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/string.h"

char opt_com[2][64];

/* Registers, from the port up. */
enum { UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCRATCH };

#define IER_RECEIVE	0x01
#define FCR_ON		0x07	/* enable and empty both FIFOs, interrupt at each character */
#define LCR_DLAB	0x80
#define MCR_DTR_RTS	0x03
#define MCR_OUT2	0x08	/* gates the interrupt line */
#define LSR_DATA	0x01
#define LSR_OUT_EMPTY	0x20

#define FIFO_SIZE	16
#define UART_CLOCK	115200
#define VEC_COM1	0x30	/* and VEC_COM1 + 1 for COM2 */

struct uart {
	u16 port;
	u8 irq;
	u32 baud;		/* 0: as the firmware left it */
	u8 line;		/* LCR: data bits, parity, stop bits */
};

static struct uart uarts[2] = {
	{ .port = 0x3f8, .irq = 4, .baud = 115200, .line = 3 },
	{ .port = 0x2f8, .irq = 3, .baud = 115200, .line = 3 },
};

/* "8n1": data bits, parity, stop bits. */
static u8 parse_line(const char *s)
{
	static const char parities[] = "noems";
	const char *parity = s[0] && s[1] ? strchr(parities, s[1]) : NULL;
	u8 line = 3;

	if (s[0] < '5' || s[0] > '8' || !parity)
		return line;
	line = s[0] - '5';
	if (s[1] != 'n')
		line |= ((parity - parities - 1) * 2 + 1) << 3;
	if (s[2] == '2')
		line |= 4;
	return line;
}

/* comN=BAUD[/CLOCK][,LINE[,PORT[,IRQ]]]; BAUD "auto" leaves the speed as it is. */
static void parse_option(struct uart *uart, const char *s)
{
	const char *fields[4] = { s };

	for (unsigned i = 1; i < ARRAY_SIZE(fields) && fields[i - 1]; i++) {
		const char *comma = strchr(fields[i - 1], ',');

		fields[i] = comma ? comma + 1 : NULL;
	}
	if (*s)
		uart->baud = str_starts(s, "auto") ? 0 : (u32)str_to_u64(s, NULL, 10);
	if (fields[1])
		uart->line = parse_line(fields[1]);
	if (fields[2] && *fields[2] != ',')
		uart->port = (u16)str_to_u64(fields[2], NULL, 0);
	if (fields[3])
		uart->irq = (u8)str_to_u64(fields[3], NULL, 0) % 16;
}

static bool is_present(const struct uart *uart)
{
	outb(uart->port + UART_SCRATCH, 0x5a);
	return inb(uart->port + UART_SCRATCH) == 0x5a && inb(uart->port + UART_LSR) != 0xff;
}

static void set_speed(const struct uart *uart)
{
	u16 divisor = UART_CLOCK / MAX(uart->baud, 1u);

	outb(uart->port + UART_LCR, LCR_DLAB | uart->line);
	outb(uart->port + UART_DATA, divisor & 0xff);
	outb(uart->port + UART_IER, divisor >> 8);
}

static bool uart_init(struct uart *uart, const char *option)
{
	parse_option(uart, option);
	if (!is_present(uart))
		return false;
	if (uart->baud && uart->baud <= UART_CLOCK)
		set_speed(uart);
	outb(uart->port + UART_LCR, uart->line);
	outb(uart->port + UART_IER, 0);
	outb(uart->port + UART_FCR, FCR_ON);
	outb(uart->port + UART_MCR, MCR_DTR_RTS | MCR_OUT2);
	return true;
}

/* Waits for an empty FIFO, but not for ever: a port without flow must not stop the machine. */
static void wait_for_room(const struct uart *uart)
{
	for (unsigned tries = 0; tries < 1000000; tries++)
		if (inb(uart->port + UART_LSR) & LSR_OUT_EMPTY)
			return;
}

static void uart_write(struct uart *uart, const char *text, size_t len)
{
	unsigned room = 0;

	while (len) {
		if (room < 2) {
			wait_for_room(uart);
			room = FIFO_SIZE;
		}
		if (*text == '\n') {
			outb(uart->port, '\r');
			room--;
		}
		outb(uart->port, *text++);
		room--;
		len--;
	}
}

/* Edge-triggered: read until nothing is left, else no further edge comes. */
static void uart_interrupt(u8 vector)
{
	const struct uart *uart = &uarts[vector - VEC_COM1];

	apic_eoi();
	while (inb(uart->port + UART_LSR) & LSR_DATA)
		console_input(inb(uart->port + UART_DATA));
}

static void uart_irq_init(unsigned n)
{
	const struct uart *uart = &uarts[n];
	bool level, low;
	u32 gsi = isa_irq_to_gsi(uart->irq, &level, &low);

	irq_set_handler(VEC_COM1 + n, uart_interrupt);
	if (ioapic_route(gsi, VEC_COM1 + n, 0, level, low)) {
		log_warn("com%u: no interrupt %u, input is off", n + 1, gsi);
		return;
	}
	outb(uart->port + UART_IER, IER_RECEIVE);
}

/* Input is taken from the first port that shows the console. */
void serial_irq_init(void)
{
	if (serial_com1.on)
		uart_irq_init(0);
	else if (serial_com2.on)
		uart_irq_init(1);
}

static bool com1_init(void)
{
	return uart_init(&uarts[0], opt_com[0]);
}

static bool com2_init(void)
{
	return uart_init(&uarts[1], opt_com[1]);
}

static void com1_write(const char *text, size_t len)
{
	uart_write(&uarts[0], text, len);
}

static void com2_write(const char *text, size_t len)
{
	uart_write(&uarts[1], text, len);
}

struct console_device serial_com1 = { "com1", com1_init, com1_write, false };
struct console_device serial_com2 = { "com2", com2_init, com2_write, false };
