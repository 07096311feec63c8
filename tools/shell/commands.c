/* SPDX-License-Identifier: GPL-2.0-only */
/* The shell's commands, one table. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <minios/mm.h>
#include <minios/shutdown.h>
#include <minios/time.h>

#include "tools/shell/shell.h"
#include "tools/shell/words.h"

static int fail(struct xl_io *io, const char *command, const char *what)
{
	fprintf(io->err, "%s: %s: %s\n", command, what, strerror(errno));
	return XL_FAIL;
}

static void print_entry(FILE *out, const char *dir, const char *name, bool is_long)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &st)) {
		fprintf(out, "%s\n", name);
		return;
	}
	if (is_long)
		fprintf(out, "%c %10lu  ", S_ISDIR(st.st_mode) ? 'd' : '-',
			(unsigned long)st.st_size);
	fprintf(out, "%s%s\n", name, S_ISDIR(st.st_mode) ? "/" : "");
}

static int list_directory(struct xl_io *io, const char *path, bool is_long)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat st;

	if (!dir && errno == ENOTDIR && !stat(path, &st)) {
		print_entry(io->out, "", path, is_long);
		return XL_OK;
	}
	if (!dir)
		return fail(io, "ls", path);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			print_entry(io->out, path, entry->d_name, is_long);
	closedir(dir);
	return XL_OK;
}

static int run_ls(struct xl_io *io, int argc, char **argv)
{
	bool is_long = argc > 1 && !strcmp(argv[1], "-l");
	int i, rc = XL_OK;

	if (argc == 1 + is_long)
		return list_directory(io, "/", is_long);
	for (i = 1 + is_long; i < argc; i++)
		if (list_directory(io, argv[i], is_long) != XL_OK)
			rc = XL_FAIL;
	return rc;
}

static int cat_file(struct xl_io *io, const char *path)
{
	FILE *f = fopen(path, "rb");
	char piece[512];
	size_t n;
	int rc = XL_OK;

	if (!f)
		return fail(io, "cat", path);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		fwrite(piece, 1, n, io->out);
	if (ferror(f))
		rc = fail(io, "cat", path);
	fclose(f);
	return rc;
}

static int run_cat(struct xl_io *io, int argc, char **argv)
{
	int i, rc = XL_OK;

	if (argc < 2) {
		fprintf(io->err, "usage: cat FILE...\n");
		return XL_USAGE;
	}
	for (i = 1; i < argc; i++)
		if (cat_file(io, argv[i]) != XL_OK)
			rc = XL_FAIL;
	return rc;
}

static int run_echo(struct xl_io *io, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		fprintf(io->out, "%s%s", i > 1 ? " " : "", argv[i]);
	fputc('\n', io->out);
	return XL_OK;
}

static int run_clear(struct xl_io *io, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs("\033[H\033[2J", io->out);
	return XL_OK;
}

static int run_free(struct xl_io *io, int argc, char **argv)
{
	unsigned long total = pages_total(), unused = pages_free_count();

	(void)argc;
	(void)argv;
	fprintf(io->out, "           total       used       free       heap (KiB)\n");
	fprintf(io->out, "Mem:  %10lu %10lu %10lu %10lu\n", total * 4, (total - unused) * 4,
		unused * 4, (unsigned long)heap_size() / 1024);
	return XL_OK;
}

static int run_xl(struct xl_io *io, int argc, char **argv)
{
	return xl_main(io, argc, argv);
}

static int run_dmesg(struct xl_io *io, int argc, char **argv)
{
	char *xl_argv[] = { (char *)"xl", (char *)"dmesg", argc > 1 ? argv[1] : NULL, NULL };

	return xl_main(io, argc > 1 ? 3 : 2, xl_argv);
}

static int run_poweroff(struct xl_io *io, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fprintf(io->out, "Powering off.\n");
	fflush(io->out);
	domain_poweroff();
}

static int run_reboot(struct xl_io *io, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fprintf(io->out, "Rebooting.\n");
	fflush(io->out);
	domain_reboot();
}

/* Cycles are the time stamp counter's: instructions, where the machine counts those. */
static int run_time(struct xl_io *io, int argc, char **argv)
{
	const struct shell_command *command = argc > 1 ? shell_find(argv[1]) : NULL;
	uint64_t ns = time_monotonic(), begin = time_cycles(), cycles;
	int rc;

	if (!command) {
		fprintf(io->err, "usage: time COMMAND ...\n");
		return XL_USAGE;
	}
	rc = command->run(io, argc - 1, argv + 1);
	cycles = time_cycles() - begin;
	ns = time_monotonic() - ns;
	fprintf(io->out, "%lu.%06lu s, %llu cycles from %llu\n", (unsigned long)(ns / NS_PER_SEC),
		(unsigned long)(ns % NS_PER_SEC / 1000), (unsigned long long)cycles,
		(unsigned long long)begin);
	return rc;
}

/* A copy of the word with each % replaced by the number; NULL: out of memory. */
static char *with_number(const char *word, unsigned long number)
{
	char digits[24];
	size_t count = 0, len = snprintf(digits, sizeof(digits), "%lu", number);
	const char *p;
	char *out, *at;

	for (p = word; *p; p++)
		count += *p == '%';
	out = at = malloc(strlen(word) + count * len + 1);
	if (!out)
		return NULL;
	for (p = word; *p; p++) {
		if (*p == '%')
			at = stpcpy(at, digits);
		else
			*at++ = *p;
	}
	*at = '\0';
	return out;
}

static int run_numbered(struct xl_io *io, const struct shell_command *command, int argc,
			char **argv, unsigned long number)
{
	char *words[WORDS_MAX + 1] = { NULL }, *passed[WORDS_MAX + 1];
	int i, rc = XL_OK;

	for (i = 0; i < argc && rc == XL_OK; i++) {
		words[i] = with_number(argv[i], number);
		if (!words[i])
			rc = fail(io, "repeat", argv[i]);
	}
	/* A command may move its words about. */
	memcpy(passed, words, sizeof(passed));
	if (rc == XL_OK)
		rc = command->run(io, argc, passed);
	while (i--)
		free(words[i]);
	return rc;
}

static int run_repeat(struct xl_io *io, int argc, char **argv)
{
	const struct shell_command *command = argc > 3 ? shell_find(argv[3]) : NULL;
	unsigned long number, last;
	int rc = XL_OK;

	if (!command) {
		fprintf(io->err, "usage: repeat FIRST LAST COMMAND ...\n");
		return XL_USAGE;
	}
	last = strtoul(argv[2], NULL, 10);
	for (number = strtoul(argv[1], NULL, 10); number <= last && rc == XL_OK; number++)
		rc = run_numbered(io, command, argc - 3, argv + 3, number);
	return rc;
}

static int run_help(struct xl_io *io, int argc, char **argv);

static const struct shell_command commands[] = {
	{ "help", run_help, "[COMMAND]", "lists the commands" },
	{ "xl", run_xl, "SUBCOMMAND ...", "manages domains, 'xl help' lists its subcommands" },
	{ "ls", run_ls, "[-l] [PATH...]", "lists files" },
	{ "cat", run_cat, "FILE...", "shows files" },
	{ "echo", run_echo, "WORD...", "prints words" },
	{ "free", run_free, "", "shows this domain's memory" },
	{ "time", run_time, "COMMAND ...", "runs a command and tells how long it took" },
	{ "repeat", run_repeat, "FIRST LAST COMMAND ...",
	  "runs a command for each number, which stands for %, until one fails" },
	{ "dmesg", run_dmesg, "[-c]", "shows the hypervisor's messages" },
	{ "xenstore-ls", shell_xenstore_ls, "[-f] [PATH]", "shows the store as a tree" },
	{ "xenstore-list", shell_xenstore_list, "PATH...", "lists children of a node" },
	{ "xenstore-read", shell_xenstore_read, "PATH...", "prints values" },
	{ "xenstore-write", shell_xenstore_write, "PATH VALUE ...", "writes values" },
	{ "xenstore-rm", shell_xenstore_rm, "PATH...", "removes nodes" },
	{ "clear", run_clear, "", "clears the screen" },
	{ "poweroff", run_poweroff, "", "powers the machine off" },
	{ "reboot", run_reboot, "", "reboots the machine" },
};

#define COUNT (sizeof(commands) / sizeof(commands[0]))

const struct shell_command *shell_commands(size_t *count)
{
	*count = COUNT;
	return commands;
}

const struct shell_command *shell_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int run_help(struct xl_io *io, int argc, char **argv)
{
	const struct shell_command *c = argc > 1 ? shell_find(argv[1]) : NULL;
	size_t i;

	if (argc > 1 && !c) {
		fprintf(io->err, "help: no such command: %s\n", argv[1]);
		return XL_FAIL;
	}
	if (c) {
		fprintf(io->out, "%s %s\n    %s\n", c->name, c->usage, c->help);
		return XL_OK;
	}
	for (i = 0; i < COUNT; i++)
		fprintf(io->out, "  %-14s %-16s %s\n", commands[i].name, commands[i].usage,
			commands[i].help);
	fprintf(io->out,
		"Keys: arrows, Home, End, Tab, and emacs' ^A ^E ^B ^F ^K ^U ^W ^Y ^P ^N ^L.\n"
		"Ctrl-] leaves a guest's console.\n");
	return XL_OK;
}
