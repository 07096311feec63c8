/* SPDX-License-Identifier: MIT */
/* The two things a console can be, for console.c. Programs use <minios/console.h>. */
#ifndef MINIOS_CONSOLE_BACKEND_H
#define MINIOS_CONSOLE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Each function moves what can be moved at once. write and read give the bytes moved, empty says
 * that the other side has taken all output. Called with events masked or from one thread.
 */
struct console_backend {
	size_t (*write)(const void *data, size_t len);
	size_t (*read)(void *data, size_t len);
	bool (*readable)(void);
	bool (*empty)(void);
};

/* Each calls console_wake() from its event handler. NULL when the domain has no such console. */
const struct console_backend *console_ring_init(void);
const struct console_backend *console_hv_init(void);

void console_wake(void);

#endif
