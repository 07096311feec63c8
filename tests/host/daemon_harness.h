/* SPDX-License-Identifier: GPL-2.0-only */
/* A control daemon on a simulated machine, and clients that talk to it in the same thread. */
#ifndef TESTS_HOST_DAEMON_HARNESS_H
#define TESTS_HOST_DAEMON_HARNESS_H

#include "tools/daemon/daemon.h"

extern struct daemon the_daemon;
extern char daemon_logged[8192];

/* A fresh machine, store and daemon; writes kernels to files (paths below). */
void harness_start(void);
void harness_stop(void);
/* Frees everything and checks that the machine is as it was before. */
void harness_check_clean(void);

extern char kernel32[64], kernel64[64], not_a_kernel[64];

/* The test's end of a new connection; does not block. */
int harness_connect(void);
void harness_send(int fd, const char *text);
/* Lets the daemon work and gives the next line of its answers, or NULL. Valid until the next call.
 */
const char *harness_receive(int fd);
/* Sends a line and gives the first line that is no event. */
const char *harness_ask(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* How many the daemon has. */
size_t harness_clients(void);

/* The guest's side of its console. */
struct xencons_interface *harness_ring(domid_t domid);
void harness_guest_prints(domid_t domid, const char *text);

#endif
