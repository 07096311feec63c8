/* SPDX-License-Identifier: GPL-2.0-only */
/* How threads of the control domain reach its daemon: streams handed over in a queue. */
#ifndef TOOLS_DOM0_LISTENER_H
#define TOOLS_DOM0_LISTENER_H

/* The descriptor that is ready when somebody waits to be accepted, or a negative errno. */
int listener_open(void);
/* The daemon's end of the next connection, or -EAGAIN. */
int listener_accept(void);
/* The caller's end of a new connection, or a negative errno. */
int listener_connect(void);

#endif
