/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: everything the machine says goes to the devices of `console=` and into a ring, which
 * the control domain reads by sysctl (`xl dmesg`). What is typed goes up by console_input().
 */
#ifndef HV_ARCH_CONSOLE_H
#define HV_ARCH_CONSOLE_H

#include "hypervisor/lib/types.h"

struct print_sink;

/* One output device; devices are told about each piece of text in order. */
struct console_device {
	const char *name;		/* as in `console=` */
	bool (*init)(struct console_device *dev);	/* false: not there */
	void (*write)(const char *text, size_t len);
	void (*drain)(void);		/* until all is out; may be NULL */
	bool on;
};

/* First thing at boot, before there is memory or a command line: ring and default devices. */
void console_early_init(void);
/* With the command line parsed: chooses the devices. */
void console_init(void);
/* With memory: a larger ring, by `conring_size`. */
void console_grow_ring(void);
/* With interrupt controllers: receives characters. */
void console_irq_init(void);

/* Raw text, to devices and the ring: a guest's console_io, debug dumps. Any context. */
void console_write(const char *text, size_t len);

/*
 * The ring: characters [*index, end) as far as they are still there, at most @len of them, into
 * @dst; *@index becomes where the copied part ends. Returns how many were copied. Begin with index 0
 * for all there is, or with the index of the last call for what is new.
 */
size_t console_read_ring(char *dst, size_t len, u32 *index);
/* Forgets what is in the ring so far. */
void console_clear_ring(void);

/* Panic: devices in polled mode, locks broken. */
void console_force(void);

/* Set by boot options. */
extern char opt_console[64];
extern char opt_com[2][64];
extern bool opt_sync_console;
extern u64 opt_conring_size;

#endif
