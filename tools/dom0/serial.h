/* SPDX-License-Identifier: GPL-2.0-only */
/* The second serial port, over which xl on another machine talks to the control daemon. */
#ifndef TOOLS_DOM0_SERIAL_H
#define TOOLS_DOM0_SERIAL_H

#include <stdbool.h>

/* Finds the port and starts its thread. 0, -ENODEV when there is no port, or another errno. */
int serial_start(void);
/*
 * A descriptor for the line, which does not block; -EAGAIN while there is no port or its descriptor
 * is in use. Closing it forgets what is under way, and it can be had again.
 */
int serial_accept(void);
/* Whether serial_accept() would give one. */
bool serial_waiting(void);
#endif
