/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xl: the command by which people talk to the control daemon. The same sources make the program on
 * a host and the command in the control domain's shell; what differs stands in struct xl_io.
 */
#ifndef TOOLS_XL_XL_H
#define TOOLS_XL_XL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tools/lib/buf.h"
#include "tools/lib/json.h"

#define XL_OK	 0
#define XL_FAIL	 1
#define XL_USAGE 2
/* What libxl's errors make of the status of `xl create`. */
#define XL_CREATE_FAIL 3
#define XL_NO_CONFIG   6

#define XL_ESCAPE    0x1d /* Ctrl-] leaves a console */
#define XL_INTERRUPT 0x03 /* Ctrl-C */

struct xl_io {
	FILE *out, *err;
	/* A connection to the daemon that does not block, or a negative errno. */
	int (*connect)(struct xl_io *io);
	void (*disconnect)(struct xl_io *io, int fd);
	/*
	 * Waits until @fd can be read (or written, if @write), or a key was typed (if @keys), or
	 * @timeout_ms is over (negative: never). Returning early is allowed.
	 */
	void (*wait)(struct xl_io *io, int fd, bool write, bool keys, int timeout_ms);
	/* Typed bytes, 0 when there are none, negative when there will be none any more. */
	int (*read_keys)(struct xl_io *io, char *out, size_t size);
	void (*set_raw)(struct xl_io *io, bool raw);
	/* Shows bytes of a console at once. */
	void (*show)(struct xl_io *io, const char *data, size_t len);
	/* Milliseconds that never go back. */
	uint64_t (*now_ms)(struct xl_io *io);
	/* Long work is this far; NULL: there is no way to show it. */
	void (*progress)(struct xl_io *io, const char *what, size_t done, size_t total);
	/* A file that is to be sent, as gzip and malloc'ed; NULL: it goes as it is. */
	char *(*pack)(const char *path, size_t *len);
	/* A configuration that is not where it was named may be elsewhere; NULL: nowhere. */
	bool (*find)(const char *path, char *found, size_t size);
	/* Of the screen that @out is; NULL: it tells none, and is taken for the usual 24 by 80. */
	void (*screen_size)(struct xl_io *io, unsigned int *rows, unsigned int *columns);
	bool screen; /* @out is one, otherwise a file or a pipe */
	bool colour; /* @err shows colours */
	bool show_progress; /* somebody watches, or asked for it */
	bool own_keys; /* no system turns Ctrl-C into a signal: it is looked for while waiting */
	bool remote; /* files named here are not the daemon's: they are sent to it */
	const char *daemon_help; /* what to do when there is no connection */
};

struct xl {
	struct xl_io *io;
	int fd; /* -1: not connected yet */
	uint64_t last_id;
	struct buf in;
	/* Events of consoles go here. */
	void (*on_output)(struct xl *xl, const char *data, size_t len);
	uint64_t console; /* the request that attached it */
	bool console_closed;
	uint64_t watch; /* the request that asked for what happens to domains */
	struct buf life; /* of struct xl_life, not yet looked at */
	const char *command;
	bool verbose, dry_run; /* global options */
};

/* What has happened to a domain. */
struct xl_life {
	enum { XL_SHUTDOWN, XL_DESTROYED, XL_RESTARTING, XL_RESTARTED, XL_LOST, XL_LIVES } what;
	uint64_t domid, was, reason;
	char action[24];
};

/* One answer; reply_free() after use. */
struct reply {
	char *line;
	struct json json;
	int ok; /* the "ok" object */
};

/* argv[0] is "xl". The exit status. */
int xl_main(struct xl_io *io, int argc, char **argv);

/* --- client.c --------------------------------------------------------------------------------- */
/*
 * A request is begun, gets its arguments through the writer, and is called: 0, or a negative errno
 * after the reason was printed.
 */
struct call {
	struct buf line;
	struct json_writer w;
	uint64_t id;
};

int xl_connect(struct xl *xl);
void xl_disconnect(struct xl *xl);
void xl_begin(struct xl *xl, struct call *call, const char *op);
int xl_call(struct xl *xl, struct call *call, struct reply *reply);
/* As xl_call(), without an answer that matters. */
int xl_call_simple(struct xl *xl, struct call *call);
/* Sends only; the answer is passed over when it comes. */
int xl_send(struct xl *xl, struct call *call);
/* Takes what has arrived, without waiting: events are handled. */
int xl_receive(struct xl *xl);
/* Asks to be told what happens to domains / takes the next of it; false: there is nothing. */
int xl_watch_domains(struct xl *xl);
bool xl_next_life(struct xl *xl, struct xl_life *life);
/*
 * Waits for that, or for some time: 0, or negative when the connection has ended or, with -EINTR, after
 * Ctrl-C. Where keys are ours, others are lost.
 */
int xl_wait_life(struct xl *xl, int timeout_ms);
void reply_free(struct reply *reply);

/* --- opts.c ----------------------------------------------------------------------------------- */
struct opts {
	uint64_t set, twice; /* bit of each letter that was given: opts_has(), opts_twice() */
	const char *value[52]; /* of letters that take one */
	char **args; /* what is no option */
	int count;
};

struct long_opt {
	const char *name;
	char letter;
};

/*
 * @letters as for getopt(): "lvf:". At least @need arguments must remain. XL_OK, or XL_USAGE after
 * the reason was printed.
 */
int opts_parse(struct xl *xl, struct opts *opts, int argc, char **argv, const char *letters,
	       const struct long_opt *longs, int need);
/* Prints how the command is to be used: XL_USAGE. */
int opts_usage(struct xl *xl);
bool opts_has(const struct opts *opts, char letter);
bool opts_twice(const struct opts *opts, char letter); /* or more often */
const char *opts_value(const struct opts *opts, char letter);

/* --- the commands ----------------------------------------------------------------------------- */
struct xl_command {
	const char *name;
	int (*run)(struct xl *xl, int argc, char **argv);
	const char *help, *usage, *options;
};

const struct xl_command *xl_commands(size_t *count);
const struct xl_command *xl_find_command(const char *name);

int xl_create(struct xl *xl, int argc, char **argv);
int xl_config_update(struct xl *xl, int argc, char **argv);
int xl_list(struct xl *xl, int argc, char **argv);
int xl_vm_list(struct xl *xl, int argc, char **argv);
int xl_destroy(struct xl *xl, int argc, char **argv);
int xl_shutdown(struct xl *xl, int argc, char **argv);
int xl_reboot(struct xl *xl, int argc, char **argv);
int xl_pause(struct xl *xl, int argc, char **argv);
int xl_unpause(struct xl *xl, int argc, char **argv);
int xl_console(struct xl *xl, int argc, char **argv);
int xl_rename(struct xl *xl, int argc, char **argv);
int xl_domid(struct xl *xl, int argc, char **argv);
int xl_domname(struct xl *xl, int argc, char **argv);
int xl_info(struct xl *xl, int argc, char **argv);
int xl_dmesg(struct xl *xl, int argc, char **argv);
int xl_uptime(struct xl *xl, int argc, char **argv);
int xl_top(struct xl *xl, int argc, char **argv);
int xl_vcpu_list(struct xl *xl, int argc, char **argv);
int xl_vcpu_pin(struct xl *xl, int argc, char **argv);
int xl_vcpu_set(struct xl *xl, int argc, char **argv);
int xl_mem_max(struct xl *xl, int argc, char **argv);
int xl_mem_set(struct xl *xl, int argc, char **argv);
int xl_sched_credit(struct xl *xl, int argc, char **argv);
int xl_trigger(struct xl *xl, int argc, char **argv);
int xl_sysrq(struct xl *xl, int argc, char **argv);
int xl_debug_keys(struct xl *xl, int argc, char **argv);
int xl_dump_core(struct xl *xl, int argc, char **argv);

/* --- shared by commands ----------------------------------------------------------------------- */
/* A line that tells an error of ours. */
void xl_error(struct xl_io *io, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * Goes over domains: one or, with NULL, all in the order of their ids, of which a page at a time is
 * held. xl_walk_begin() is 0 or negative (reported); then xl_walk_next() is positive as long as
 * there is a domain, the object @at of @reply; xl_walk_end() always.
 */
struct xl_walk {
	struct xl *xl;
	bool with_config, started;
	struct reply reply;
	int at, left; /* of this page, with @at */
	uint64_t next; /* the id where the next page begins; 0: this is the last */
};

int xl_walk_begin(struct xl_walk *w, struct xl *xl, const char *domain, bool with_config);
int xl_walk_next(struct xl_walk *w);
void xl_walk_end(struct xl_walk *w);
/* Shows a console until it closes or Ctrl-]; @start is sent once it is attached (or NULL). */
int xl_run_console(struct xl *xl, const char *domain, struct call *start);
uint64_t reply_u64(const struct reply *reply, int object, const char *key);
bool reply_bool(const struct reply *reply, int object, const char *key);
void reply_text(const struct reply *reply, int object, const char *key, char *out, size_t size);
/* Prints a value as indented JSON. */
void xl_print_json(FILE *out, const struct json *json, int value, unsigned int depth);
/* "12", "12m", "1g" as KiB; plain numbers are MiB. 0 when it is none. */
uint64_t xl_parse_memory(const char *text);

#endif
