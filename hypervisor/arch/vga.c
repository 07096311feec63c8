/* SPDX-License-Identifier: GPL-2.0-only */
/* The screen, when the firmware left it in text mode of 80 by 25. */
#include "hypervisor/arch/console.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/lib/string.h"

#define COLUMNS		VGA_COLUMNS
#define ROWS		VGA_ROWS
#define BLANK		0x0720	/* light grey on black */

#define CRTC_INDEX	0x3d4
#define CRTC_DATA	0x3d5
#define CRTC_CURSOR	14	/* high byte, low byte */

static u16 *cells;	/* NULL: no text screen */
static unsigned row, column;

static void scroll(void)
{
	memmove(cells, cells + COLUMNS, (ROWS - 1) * COLUMNS * sizeof(*cells));
	for (unsigned i = 0; i < COLUMNS; i++)
		cells[(ROWS - 1) * COLUMNS + i] = BLANK;
}

static void new_line(void)
{
	column = 0;
	if (row + 1 < ROWS)
		row++;
	else
		scroll();
}

static void put(char c)
{
	switch (c) {
	case '\n':
		new_line();
		return;
	case '\r':
		column = 0;
		return;
	case '\b':
		column -= column > 0;
		return;
	}
	cells[row * COLUMNS + column] = (BLANK & 0xff00) | (u8)c;
	if (++column == COLUMNS)
		new_line();
}

static void show_cursor(void)
{
	u16 at = row * COLUMNS + column;

	outb(CRTC_INDEX, CRTC_CURSOR);
	outb(CRTC_DATA, at >> 8);
	outb(CRTC_INDEX, CRTC_CURSOR + 1);
	outb(CRTC_DATA, at & 0xff);
}

static void vga_write(const char *text, size_t len)
{
	for (; len; len--)
		put(*text++);
	show_cursor();
}

void vga_set_memory(u16 *memory)
{
	cells = memory;
}

static bool vga_init(void)
{
	if (!cells)
		return false;
	for (unsigned i = 0; i < COLUMNS * ROWS; i++)
		cells[i] = BLANK;
	return true;
}

struct console_device vga_console = { "vga", vga_init, vga_write, false };
