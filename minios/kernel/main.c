/* SPDX-License-Identifier: MIT */
/* The kernel's own beginning: brings up each part in order, then runs main() of the application. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <minios/arch/arch.h>
#include <minios/balloon.h>
#include <minios/console.h>
#include <minios/file_table.h>
#include <minios/irq.h>
#include <minios/mm.h>
#include <minios/p2m.h>
#include <minios/panic.h>
#include <minios/printk.h>
#include <minios/ramdisk.h>
#include <minios/shutdown.h>
#include <minios/start.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <minios/xenbus.h>

#define ARGS_MAX 64

int main(int argc, char **argv);

/* The next word of a command line, which it cuts off in place; quotes keep blanks together. */
static char *next_word(char **line)
{
	char *p = *line + strspn(*line, " \t"), *word = p, *to = p;
	bool quoted = false;

	if (!*p)
		return NULL;
	for (; *p && (quoted || (*p != ' ' && *p != '\t')); p++) {
		if (*p == '"')
			quoted = !quoted;
		else
			*to++ = *p;
	}
	*line = *p ? p + 1 : p;
	*to = '\0';
	return word;
}

static int split_cmdline(char **argv)
{
	static char line[MAX_GUEST_CMDLINE + 1];
	char *p = line;
	int argc = 1;

	memcpy(line, start_cmdline(), MAX_GUEST_CMDLINE);
	argv[0] = "minios";
	while (argc < ARGS_MAX && (argv[argc] = next_word(&p)))
		argc++;
	argv[argc] = NULL;
	return argc;
}

const char *start_option(const char *name, char *buf, size_t size)
{
	char copy[MAX_GUEST_CMDLINE + 1] = { 0 };
	size_t len = strlen(name);
	char *p = copy, *word;

	memcpy(copy, start_cmdline(), MAX_GUEST_CMDLINE);
	while ((word = next_word(&p))) {
		if (strncmp(word, name, len) || (word[len] && word[len] != '='))
			continue;
		format(buf, size, "%s", word[len] ? word + len + 1 : "");
		return buf;
	}
	return NULL;
}

static void ramdisk_from_module(void)
{
	size_t size;
	const void *module = start_module(&size);
	int ret = module ? ramdisk_init(module, size) : 0;

	if (ret)
		printk("ramdisk: the module is no whole cpio archive (%d)\n", ret);
}

void kernel_main(void)
{
	static char *argv[ARGS_MAX + 1];

	mm_init();
	p2m_publish();
	time_init();
	thread_init();
	console_init();
	irq_restore(false);
	file_init();
	ramdisk_from_module();
	xenbus_init();
	shutdown_init();
	balloon_init();
	exit(main(split_cmdline(argv), argv));
}
