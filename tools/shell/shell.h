/* SPDX-License-Identifier: GPL-2.0-only */
/* The control domain's shell. */
#ifndef TOOLS_SHELL_SHELL_H
#define TOOLS_SHELL_SHELL_H

#include "tools/xl/xl.h"

struct shell_command {
	const char *name;
	int (*run)(struct xl_io *io, int argc, char **argv);
	const char *usage, *help;
};

/* Runs on the console, with xl's way to the daemon, until the end of the world. */
void shell_run(struct xl_io *io) __attribute__((noreturn));
/* Shows a line of news above the prompt, from any thread. */
void shell_notice(const char *text);
/* One command line; its exit status. */
int shell_execute(struct xl_io *io, const char *text);

/* --- commands.c, store_commands.c ------------------------------------------------------------- */
const struct shell_command *shell_find(const char *name);
const struct shell_command *shell_commands(size_t *count);
int shell_xenstore_ls(struct xl_io *io, int argc, char **argv);
int shell_xenstore_read(struct xl_io *io, int argc, char **argv);
int shell_xenstore_write(struct xl_io *io, int argc, char **argv);
int shell_xenstore_list(struct xl_io *io, int argc, char **argv);
int shell_xenstore_rm(struct xl_io *io, int argc, char **argv);

#endif
