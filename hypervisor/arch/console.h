/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: everything the machine says goes to the devices of `console=` and into a ring, which
 * the control domain reads by sysctl (`xl dmesg`). What is typed goes up by console_input().
 */
#ifndef HV_ARCH_CONSOLE_H
#define HV_ARCH_CONSOLE_H

#include "hypervisor/lib/types.h"

/* One output device; each piece of text goes to all that are on, in order. */
struct console_device {
	const char *name;			/* as in `console=` */
	bool (*init)(void);			/* false: not there */
	void (*write)(const char *text, size_t len);
	bool on;
};

extern struct console_device serial_com1, serial_com2, vga_console;

/*
 * The devices of `console=` that need no memory of their own: as soon as the command line is
 * parsed. Until then text stands in the ring only; a device that is turned on is given the ring's
 * contents.
 */
void console_init(void);

/* The memory of a screen in text mode, of VGA_COLUMNS by VGA_ROWS; turned on if it is listed. */
#define VGA_MEMORY	0xb8000
#define VGA_COLUMNS	80
#define VGA_ROWS	25
#define VGA_BYTES	(VGA_COLUMNS * VGA_ROWS * 2)
void vga_set_memory(u16 *memory);
void console_add_screen(u16 *memory);
/* A larger ring, of @size bytes (a power of two, see console_ring_wanted()); it keeps the text. */
void console_set_ring(char *memory, u32 size);
/* What `conring_size` asks for, or 0 when the ring is large enough. */
u32 console_ring_wanted(void);
/* With interrupt controllers: characters are received. */
void serial_irq_init(void);

/* Raw text, to devices and the ring: debug dumps. Any context. */
void console_write(const char *text, size_t len);
/* To the devices only: what the control domain says there, it would otherwise read back. */
void console_write_unkept(const char *text, size_t len);

/*
 * The ring: characters [*index, end) as far as they are still there, at most @len of them, into
 * @dst; *@index becomes where the copied part ends. Returns how many were copied. Begin with index
 * 0 for all there is, or with the index of the last call for what is new.
 */
size_t console_read_ring(char *dst, size_t len, u32 *index);
/* Forgets what is in the ring so far. */
void console_clear_ring(void);

/* For panics: whoever holds the console's lock will not come back; turns on COM1 if nothing is. */
void console_force(void);

/* Set by boot options. */
extern char opt_console[64];
extern char opt_com[2][64];
extern bool opt_sync_console;		/* output is always polled: accepted, always true */
extern u64 opt_conring_size;

#endif
