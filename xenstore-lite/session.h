/* SPDX-License-Identifier: GPL-2.0-only */
/* What a connection has going on between requests: watches and transactions. */
#ifndef XENSTORE_LITE_SESSION_H
#define XENSTORE_LITE_SESSION_H

#include <stdint.h>

struct connection;
struct transaction;
struct watch;

struct transaction *session_transaction(struct connection *connection, uint32_t id);
void session_drop_watch(struct watch *watch);
void session_drop_transaction(struct connection *connection, struct transaction *transaction);

#endif
