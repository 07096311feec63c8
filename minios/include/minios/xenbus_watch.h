/* SPDX-License-Identifier: MIT */
/* Between the xenbus reader and the watch thread. */
#ifndef MINIOS_XENBUS_WATCH_H
#define MINIOS_XENBUS_WATCH_H

#include <stddef.h>

/* Takes over the payload of XS_WATCH_EVENT: path and token, each with its zero byte. */
void xenbus_watch_event(char *body, size_t len);

/* Starts the watch thread. */
int xenbus_watch_init(void);

#endif
