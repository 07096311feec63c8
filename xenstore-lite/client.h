/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of the store, with the calls of libxenstore, so that sources written for that compile
 * with this. Works over the daemon's Unix socket, over /dev/xen/xenbus, and in the program that
 * contains the store.
 *
 * Failures: NULL or false, and errno. What is returned is one block from malloc, to be freed by one
 * free(). Several threads may share a handle.
 */
#ifndef XENSTORE_LITE_CLIENT_H
#define XENSTORE_LITE_CLIENT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define XBT_NULL 0

/* Room for a number of that type in decimal, with a sign and a nul. */
#define MAX_STRLEN(x) (sizeof(x) * CHAR_BIT / 3 + 3)

/* Both are accepted and mean nothing any more. */
#define XS_OPEN_READONLY   (1UL << 0)
#define XS_OPEN_SOCKETONLY (1UL << 1)
/* After xs_unwatch(), no event of that watch is returned, not even one that came before. */
#define XS_UNWATCH_FILTER (1UL << 2)

enum xs_perm_type {
	XS_PERM_NONE = 0,
	XS_PERM_READ = 1,
	XS_PERM_WRITE = 2,
	XS_PERM_ENOENT_OK = 4,
	XS_PERM_OWNER = 8,
	XS_PERM_IGNORE = 16,
};

/* The first of a node's entries names the owner, and what all others may do. */
struct xs_permissions {
	unsigned int id;
	unsigned int perms;
};

struct xs_handle;
typedef uint32_t xs_transaction_t;

struct xs_handle *xs_open(unsigned long flags);
void xs_close(struct xs_handle *h);
/* After fork(), in the child: lets go of the connection without disturbing the parent's. */
void xs_daemon_destroy_postfork(struct xs_handle *h);

/* Older names of the two above. */
struct xs_handle *xs_daemon_open(void);
struct xs_handle *xs_domain_open(void);
struct xs_handle *xs_daemon_open_readonly(void);
void xs_daemon_close(struct xs_handle *h);

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num);
/* With a nul behind the value that @len, which may be NULL, does not count. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len);
bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
	      unsigned int len);
bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path);
bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path);
/* Always fails: there is no such request any more. */
bool xs_restrict(struct xs_handle *h, unsigned int domid);

struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t,
					  const char *path, unsigned int *num);
bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
			struct xs_permissions *perms, unsigned int num_perms);

bool xs_watch(struct xs_handle *h, const char *path, const char *token);
bool xs_unwatch(struct xs_handle *h, const char *path, const char *token);
/* Readable when xs_check_watch() may have something. */
int xs_fileno(struct xs_handle *h);
/*
 * The next event, as path and token (XS_WATCH_PATH, XS_WATCH_TOKEN in pvabi/io/xs_wire.h). The
 * first returns NULL with EAGAIN if there is none; the second waits.
 */
char **xs_check_watch(struct xs_handle *h);
char **xs_read_watch(struct xs_handle *h, unsigned int *num);

/* 0 on failure. */
xs_transaction_t xs_transaction_start(struct xs_handle *h);
/* EAGAIN: do it again from the start. */
bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort);

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn,
			 unsigned int eventchn);
bool xs_set_target(struct xs_handle *h, unsigned int domid, unsigned int target);
bool xs_resume_domain(struct xs_handle *h, unsigned int domid);
bool xs_release_domain(struct xs_handle *h, unsigned int domid);
char *xs_get_domain_path(struct xs_handle *h, unsigned int domid);
bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid);
/* All is below "/", which Xen's library does not say. */
bool xs_path_is_subpath(const char *parent, const char *child);

/* Sends "@cmd" and, if @len, what is at @data; returns the answer's text. */
char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len);
char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len);

/* The event channel on which a domain that is being saved says that it is suspended; or -1. */
int xs_suspend_evtchn_port(int domid);

/* Where a daemon's socket is expected. */
const char *xs_daemon_rundir(void);
const char *xs_daemon_socket(void);
const char *xs_daemon_socket_ro(void);

bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num, const char *strings);
/* Writes "r7" and the like. */
bool xs_perm_to_string(const struct xs_permissions *perm, char *buffer, unsigned long buf_len);

/* All of it, whatever write() takes at once. */
bool xs_write_all(int fd, const void *data, unsigned int len);

#endif
