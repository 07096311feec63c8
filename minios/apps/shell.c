/* SPDX-License-Identifier: MIT */
/* Reads its console line by line and answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <minios/mm.h>
#include <minios/panic.h>
#include <minios/shutdown.h>
#include <minios/start.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <minios/xenbus.h>

struct command {
	const char *name, *help;
	void (*run)(char *args);
};

static void cmd_echo(char *args)
{
	puts(args);
}

static void cmd_uptime(char *args)
{
	uint64_t now = time_monotonic();

	(void)args;
	printf("%llu.%03llu seconds\n", now / NS_PER_SEC, now % NS_PER_SEC / NS_PER_MSEC);
}

static void cmd_mem(char *args)
{
	(void)args;
	printf("%lu KiB in all, %lu KiB free, heap %lu KiB\n", pages_total() * 4,
	       pages_free_count() * 4, (unsigned long)heap_size() / 1024);
}

/* Each page its own mark, all of them at once. */
static void cmd_fill(char *args)
{
	size_t words = strtoul(args, NULL, 10) << 20, step = PAGE_SIZE / sizeof(size_t), i, wrong = 0;
	size_t *memory = malloc(words);

	if (!memory) {
		perror(args);
		return;
	}
	words /= sizeof(*memory);
	for (i = 0; i < words; i += step)
		memory[i] = i;
	for (i = 0; i < words; i += step)
		wrong += memory[i] != i;
	free(memory);
	printf("%zu pages wrong\n", wrong);
}

static void cmd_sleep(char *args)
{
	thread_sleep(MSEC(strtoul(args, NULL, 10)));
}

static void cmd_ls(char *args)
{
	DIR *dir = opendir(*args ? args : "/");
	struct dirent *e;

	if (!dir) {
		perror(args);
		return;
	}
	while ((e = readdir(dir)))
		printf("%s%s\n", e->d_name, e->d_type == DT_DIR ? "/" : "");
	closedir(dir);
}

static void cmd_cat(char *args)
{
	FILE *f = fopen(args, "r");
	char buf[512];
	size_t n;

	if (!f) {
		perror(args);
		return;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)))
		fwrite(buf, 1, n, stdout);
	fclose(f);
}

static void cmd_store(char *args)
{
	char *value;
	int ret = xenbus_read(XENBUS_NO_TX, args, &value, NULL);

	if (ret) {
		printf("%s: %s\n", args, strerror(-ret));
		return;
	}
	puts(value);
	free(value);
}

static void cmd_crash(char *args)
{
	panic("%s", *args ? args : "as you wish");
}

static void cmd_reboot(char *args)
{
	(void)args;
	domain_reboot();
}

static void cmd_exit(char *args)
{
	exit(atoi(args));
}

static void cmd_help(char *args);

static const struct command commands[] = {
	{ "help", "this list", cmd_help },
	{ "echo", "TEXT: say it", cmd_echo },
	{ "uptime", "time since the hypervisor started", cmd_uptime },
	{ "mem", "memory of this domain", cmd_mem },
	{ "fill", "MIB: write so much memory and read it back", cmd_fill },
	{ "sleep", "N: wait N milliseconds", cmd_sleep },
	{ "ls", "[DIR]: files of the ramdisk", cmd_ls },
	{ "cat", "FILE: show a file", cmd_cat },
	{ "store", "PATH: read a value of the store", cmd_store },
	{ "crash", "[TEXT]: panic", cmd_crash },
	{ "reboot", "start again", cmd_reboot },
	{ "exit", "end this domain", cmd_exit },
	{ NULL, NULL, NULL },
};

static void cmd_help(char *args)
{
	const struct command *c;

	(void)args;
	for (c = commands; c->name; c++)
		printf("%-8s %s\n", c->name, c->help);
}

static void run(char *line)
{
	const struct command *c;
	char *name, *args;

	line[strcspn(line, "\r\n")] = '\0';
	name = line + strspn(line, " ");
	args = name + strcspn(name, " ");
	if (*args)
		*args++ = '\0';
	args += strspn(args, " ");
	if (!*name)
		return;
	for (c = commands; c->name; c++) {
		if (!strcmp(c->name, name)) {
			c->run(args);
			return;
		}
	}
	printf("%s: no such command; try help\n", name);
}

int main(void)
{
	char line[256];

	printf("A shell in a guest of %lu KiB. Type help.\n", start_info->nr_pages * 4);
	for (;;) {
		printf("> ");
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			break;
		run(line);
	}
	return 0;
}
