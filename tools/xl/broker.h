/* SPDX-License-Identifier: GPL-2.0-only */
/* How several xl on a host share the one line to the control domain. */
#ifndef TOOLS_XL_BROKER_H
#define TOOLS_XL_BROKER_H

/* A connection to the daemon at the other end of the line (a Unix socket), or a negative errno. */
int broker_connect(const char *line);
/* A connection to the Unix socket at PATH and SUFFIX, or a negative errno. */
int socket_connect(const char *path, const char *suffix);

#endif
