/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control domain: the store, the control daemon, the domains that start by themselves, and a
 * shell on the console, each a thread of one mini-OS.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <minios/panic.h>
#include <minios/thread.h>

#include "tools/daemon/daemon.h"
#include "tools/dom0/io.h"
#include "tools/dom0/listener.h"
#include "tools/dom0/serial.h"
#include "tools/platform/platform.h"
#include "tools/platform/store.h"
#include "tools/shell/shell.h"
#include "xenstore-lite/minios.h"

#define DAEMON_STACK (64 * 1024)
#define AUTO_DIR     "/etc/xl/auto"

static struct daemon the_daemon;

static void daemon_thread(void *arg)
{
	(void)arg;
	for (;;)
		daemon_step(&the_daemon);
}

/* Where those who know Xen's store look for the control domain itself. */
static int describe_self(void)
{
	char kb[24];
	int rc;

	snprintf(kb, sizeof(kb), "%llu", (unsigned long long)the_daemon.own_max_kb);
	rc = plat_store_write("/local/domain/0/domid", "0");
	if (!rc)
		rc = plat_store_write("/local/domain/0/name", "Domain-0");
	if (!rc)
		rc = plat_store_write("/local/domain/0/memory/static-max", kb);
	return rc ? rc : plat_store_write("/local/domain/0/memory/target", kb);
}

static void start_daemon(void)
{
	struct thread *thread;
	int rc = plat_init();

	if (!rc)
		rc = daemon_init(&the_daemon);
	if (!rc)
		rc = describe_self();
	if (rc)
		panic("the control daemon does not start: %s", strerror(-rc));
	the_daemon.log = shell_notice;
	the_daemon.accept = listener_accept;
	the_daemon.listen_fd = listener_open();
	thread = thread_create("daemon", daemon_thread, NULL, DAEMON_STACK);
	if (!thread || the_daemon.listen_fd < 0)
		panic("the control daemon does not start: out of memory");
	thread_detach(thread);
	rc = serial_start();
	if (rc && rc != -ENODEV)
		printf("xl cannot come in by the serial port: %s\n", strerror(-rc));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_config(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, ".cfg");
}

/* A sorted list to be freed with what it names; it ends early when memory does. */
static char **auto_names(size_t *count)
{
	DIR *dir = opendir(AUTO_DIR);
	char **names = NULL, **more;
	struct dirent *entry;

	*count = 0;
	while (dir && (entry = readdir(dir))) {
		if (!is_config(entry->d_name))
			continue;
		more = realloc(names, (*count + 1) * sizeof(*names));
		if (!more)
			break;
		names = more;
		names[*count] = strdup(entry->d_name);
		if (!names[*count])
			break;
		++*count;
	}
	if (dir)
		closedir(dir);
	if (*count)
		qsort(names, *count, sizeof(*names), compare_names);
	return names;
}

/* In the order of their files' names. One that cannot start does not keep the others from it. */
static void start_domains(struct xl_io *io)
{
	size_t count, i;
	char **names = auto_names(&count), path[512];

	for (i = 0; i < count; i++) {
		char *argv[] = { (char *)"xl", (char *)"create", (char *)"-q", path, NULL };

		snprintf(path, sizeof(path), "%s/%s", AUTO_DIR, names[i]);
		if (xl_main(io, 4, argv) == XL_OK)
			printf("Started %s\n", path);
		else
			printf("Not started: %s\n", path);
		free(names[i]);
	}
	free(names);
}

static void welcome(void)
{
	printf("\nWelcome to Paravane's control domain. Try:\n"
	       "  ls /guests                     the guests that came along\n"
	       "  xl create /guests/hello.cfg    start one\n"
	       "  xl list                        see it\n"
	       "  xl console hello               talk to it, Ctrl-] comes back\n"
	       "  xl destroy hello               end it\n"
	       "  help, xl help, poweroff\n\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct xl_io io;
	int rc;

	(void)argc;
	(void)argv;
	rc = xenstore_start();
	if (rc)
		panic("the store does not start: %s", strerror(-rc));
	start_daemon();
	dom0_io_init(&io);
	start_domains(&io);
	welcome();
	shell_run(&io);
}
