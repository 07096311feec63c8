/* SPDX-License-Identifier: GPL-2.0-only */
/* The second serial port, over which xl on another machine talks to the control daemon. */
#ifndef TOOLS_DOM0_SERIAL_H
#define TOOLS_DOM0_SERIAL_H

/* Finds the port and starts its thread. 0, -ENODEV when there is no port, or another errno. */
int serial_start(void);

#endif
