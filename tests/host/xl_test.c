/* SPDX-License-Identifier: GPL-2.0-only */
/* xl from its command line down to a simulated hypervisor: what it prints and how it ends. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pvabi/sched.h"
#include "tests/host/check_main.h"
#include "tests/host/daemon_harness.h"
#include "tests/host/fake_hypervisor.h"
#include "tests/host/fake_store.h"
#include "tools/platform/store.h"
#include "tools/shell/words.h"
#include "tools/xl/xl.h"

static char *out_text, *err_text;
static size_t out_len, err_len;
static char config_path[64];
static const char *keys; /* that will be typed */
static unsigned int waits; /* for a key, before the next piece of them */
static uint64_t clock_ms;
static bool offline, silent; /* no connection, or one that leads nowhere */
static bool stubborn; /* the guest does not obey */
static int dies_by; /* the guest shuts down for this reason while xl waits; negative: not */
static unsigned int deaths_left; /* then for the last time, by poweroff */
static int nobody;

static int io_connect(struct xl_io *io)
{
	int fds[2];

	(void)io;
	if (silent) {
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		nobody = fds[0];
		return fds[1];
	}
	return offline ? -2 : harness_connect();
}

static void io_disconnect(struct xl_io *io, int fd)
{
	(void)io;
	close(fd);
	daemon_work(&the_daemon);
}

static void io_wait(struct xl_io *io, int fd, bool write, bool want_keys, int timeout_ms)
{
	const char *asked;

	(void)io;
	(void)write;
	(void)want_keys;
	if (timeout_ms > 0)
		clock_ms += timeout_ms;
	(void)fd;
	asked = fake_store_read("/local/domain/1/control/shutdown");
	if (timeout_ms > 0 && asked && *asked && !stubborn) {
		/* A guest that was asked to shut down does so while xl waits. */
		fake_guest_shutdown(1, !strcmp(asked, "reboot"));
		fake_store_fire(1);
	}
	if (timeout_ms > 0 && dies_by >= 0) {
		if (deaths_left && !--deaths_left)
			dies_by = SHUTDOWN_poweroff;
		fake_advance(2000000000);
		fake_guest_shutdown(1, dies_by);
		fake_store_fire(1);
	}
	if (waits)
		waits--;
	daemon_work(&the_daemon);
}

static int io_read_keys(struct xl_io *io, char *out, size_t size)
{
	size_t len = keys ? strlen(keys) : 0;

	(void)io;
	if (waits || !keys)
		return 0;
	if (len > size)
		len = size;
	memcpy(out, keys, len);
	keys = len ? keys + len : NULL;
	return len;
}

static void io_set_raw(struct xl_io *io, bool raw)
{
	(void)io;
	(void)raw;
}

static void io_show(struct xl_io *io, const char *data, size_t len)
{
	fwrite(data, 1, len, io->out);
}

static uint64_t io_now_ms(struct xl_io *io)
{
	(void)io;
	return clock_ms;
}

static struct xl_io io = {
	.connect = io_connect,
	.disconnect = io_disconnect,
	.wait = io_wait,
	.read_keys = io_read_keys,
	.set_raw = io_set_raw,
	.show = io_show,
	.now_ms = io_now_ms,
	.daemon_help = "; start one",
};

static int xl(const char *command)
{
	char copy[512], *argv[WORDS_MAX + 1];
	int argc, rc;

	free(out_text);
	free(err_text);
	io.out = open_memstream(&out_text, &out_len);
	io.err = open_memstream(&err_text, &err_len);
	strcpy(copy, command);
	argc = words_split(copy, argv);
	rc = xl_main(&io, argc, argv);
	fclose(io.out);
	fclose(io.err);
	return rc;
}

static void ends(int status, const char *command, const char *out_words, const char *err_words)
{
	int rc = xl(command);

	ck_assert_msg(rc == status, "%s: %d: %.999s%.999s", command, rc, out_text, err_text);
	ck_assert_msg(strstr(out_text, out_words), "%s: %.999s", command, out_text);
	ck_assert_msg(strstr(err_text, err_words), "%s: %.999s", command, err_text);
}

/* The output, to the letter; the first line that differs is told. */
static void prints(const char *command, const char *wanted)
{
	size_t at = 0, line = 0;

	ck_assert_int_eq(xl(command), 0);
	for (; out_text[at] && out_text[at] == wanted[at]; at++)
		if (wanted[at] == '\n')
			line = at + 1;
	ck_assert_msg(!out_text[at] && !wanted[at], "%s: \"%.200s\", not \"%.200s\"", command,
		      out_text + line, wanted + line);
}

static void write_config(const char *more)
{
	FILE *f = fopen(config_path, "w");

	fprintf(f, "name='a'\nkernel='%s'\nmemory=8\n%s", kernel32, more);
	fclose(f);
}

static void setup(void)
{
	harness_start();
	strcpy(config_path, "/tmp/paravane-test-cfg-XXXXXX");
	close(mkstemp(config_path));
	write_config("");
	keys = NULL;
	waits = 0;
	dies_by = -1;
	offline = silent = stubborn = io.own_keys = io.screen = io.colour = false;
	io.screen_size = NULL;
	io.remote = false;
}

static void teardown(void)
{
	unlink(config_path);
	harness_stop();
	free(out_text);
	free(err_text);
	out_text = err_text = NULL;
}

/* "xl create CONFIG" and what follows. */
static const char *create_line(const char *more)
{
	static char text[512];

	snprintf(text, sizeof(text), "xl create %s%s", config_path, more);
	return text;
}

#define MANY 80u
#define HEADER "Name                                        ID   Mem VCPUs\tState\tTime(s)\n"

START_TEST(test_create_list_destroy)
{
	char parsing[128];

	snprintf(parsing, sizeof(parsing), "Parsing config from %s\n", config_path);
	ck_assert_int_eq(xl(create_line("")), 0);
	ck_assert_str_eq(out_text, "");
	ck_assert_str_eq(err_text, parsing);
	ck_assert_int_eq(xl("xl list"), 0);
	ck_assert_str_eq(out_text, HEADER
			 "Domain-0                                     0     0     1     -b----  "
			 "     0.0\n"
			 "a                                            1     8     1     -b----  "
			 "     0.0\n");
	ck_assert_int_eq(xl("xl list a"), 0);
	ck_assert_ptr_null(strstr(out_text, "Domain-0"));
	ck_assert_int_eq(xl("xl domid a"), 0);
	ck_assert_str_eq(out_text, "1\n");
	ck_assert_int_eq(xl("xl domname 1"), 0);
	ck_assert_str_eq(out_text, "a\n");
	ends(0, "xl pause a", "", "");
	ck_assert_int_eq(xl("xl list a"), 0);
	ck_assert_ptr_nonnull(strstr(out_text, "--p---"));
	ends(0, "xl unpause 1", "", "");
	ends(0, "xl destroy a", "", "");
	harness_check_clean();
}
END_TEST

START_TEST(test_refusals)
{
	ends(3, "xl create /nowhere.cfg", "", "Failed to read config file: /nowhere.cfg: No such file");
	ends(6, "xl create", "", "Config file not specified");
	ends(6, "xl create memory=8", "", "Config file not specified");
	ends(6, "xl config-update a", "", "Config file not specified");
	ends(2, "xl create /nowhere.cfg more", "", "Usage: xl create");
	ends(1, "xl list a b", "", "Usage: xl list");
	ends(1, "xl destroy b", "", "b is an invalid domain identifier (rc=-6)\n");
	ends(1, "xl list 4711", "", "Error: Domain '4711' does not exist.\n");
	ends(1, "xl domid b", "",
	     "Can't get domid of domain name 'b', maybe this domain does not exist.\n");
	ends(1, "xl domname 77", "", "Can't get domain name of domain id '77', maybe");
	ends(1, "xl domname b", "", "Invalid domain id.\n\n");
	ends(2, "xl destroy", "", "'xl destroy' requires at least 1 argument.\n");
	ends(2, "xl pause -z a", "", "unknown option -z");
	ends(2, "xl list --colour", "", "unknown option --colour");
	ends(1, "xl explode", "", "command not implemented");
	ends(1, "xl", "xl full list of subcommands", "");
	ends(1, "xl console b", "", "b is an invalid domain identifier");
	ends(1, "xl console -t vnc a", "", "one console");
	ends(1, "xl shutdown", "", "You must specify -a or a domain id.");
	ends(1, "xl shutdown -a a", "", "You may not specify a domain with -a.");
	ends(1, "xl destroy 0", "", "xl: error: Cannot destroy privileged domain 0.\n");
	io.colour = true;
	ends(1, "xl destroy 0", "", "\033[1;31mxl: error:\033[0m Cannot destroy privileged domain 0.\n");
	io.colour = false;
	write_config("memory = ");
	ck_assert_int_eq(xl(create_line("")), 1);
	ck_assert_msg(strstr(err_text, ":4:10: expected a string, a number or a list"), "%s",
		      err_text);
	write_config("colour = 1\n");
	ck_assert_int_eq(xl(create_line("")), 0);
	ck_assert_msg(strstr(err_text, "WARNING: ") &&
			      strstr(err_text, "unknown setting \"colour\""),
		      "%s", err_text);
	ck_assert_int_eq(xl(create_line("")), 3);
	ck_assert_msg(strstr(err_text, "xl: error: Domain with name \"a\" already exists."), "%s",
		      err_text);
	offline = true;
	ends(1, "xl list", "",
	     "no connection to the control daemon: No such file or directory; start one");
	silent = true;
	ends(1, "xl list", "", "no answer from the control daemon; is the machine still starting");
	close(nobody);
}
END_TEST

START_TEST(test_create_options)
{
	ck_assert_int_eq(xl(create_line(" -q -p 'name=\"b\"' memory=9")), 0);
	ck_assert_str_eq(out_text, "");
	ck_assert(fake_domains[1].paused);
	ck_assert_uint_eq(fake_domains[1].tot_pages, 9 * 256);
	ck_assert_int_eq(xl("xl domid b"), 0);
	ck_assert_int_eq(xl(create_line(" --dryrun -q")), 0);
	ck_assert_msg(strstr(out_text, "\"name\": \"a\""), "%s", out_text);
	ck_assert_uint_eq(fake_live_domains(), 1);
	ck_assert_int_eq(xl("xl create -f /nowhere.cfg"), 3);
	ck_assert_int_eq(xl(create_line(" 'name=\"c'")), 1);
	ck_assert_msg(strstr(err_text, "command line:1:6: the string does not end"), "%s",
		      err_text);
}
END_TEST

START_TEST(test_long_list)
{
	xl(create_line(""));
	ck_assert_int_eq(xl("xl list -l a"), 0);
	ck_assert_msg(
		!strncmp(out_text, "[\n    {\n        \"domid\": 1,\n        \"config\": {\n", 46),
		"%s", out_text);
	ck_assert_ptr_nonnull(strstr(out_text, "                \"target_memkb\": 8192,\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "\"weight\": 256,\n                    \"cap\": 0\n"));
	/* What holds now, whoever has set it; what was set here holds after a reboot. */
	fake_domains[1].cap = 30;
	ends(0, "xl list -l a", "\"weight\": 256,\n                    \"cap\": 30\n", "");
	ends(0, "xl sched-credit -d a -w 300", "", "");
	fake_guest_shutdown(1, SHUTDOWN_reboot);
	fake_store_fire(1);
	daemon_work(&the_daemon);
	ck_assert_uint_eq(fake_domains[1].weight, 300);
	ends(0, "xl list -l a", "\"weight\": 300,\n                    \"cap\": 30\n", "");
	ends(0, "xl list -l 0", "        \"config\": {\n            \"c_info\": {\n"
				"                \"type\": \"pv\",\n"
				"                \"name\": \"Domain-0\"\n", "");
	ck_assert_int_eq(xl("xl list -v"), 0);
	ck_assert_ptr_nonnull(strstr(out_text, "Reason-Code"));
}
END_TEST

/* What cpuid= says comes to the domain, is listed, and is told to the one that follows it. */
START_TEST(test_cpuid)
{
	const uint32_t tm = 1u << 29;

	ends(1, create_line(" 'cpuid=\"host,tn=0\"'"), "", "cpuid: unknown name \"tn\"");
	ends(3, create_line(" 'cpuid=[\"9:eax=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0\"]'"), "",
	     "cpuid: the hypervisor refuses leaf 0x9: ");
	ck_assert_uint_eq(fake_live_domains(), 0);
	ck_assert_msg(!xl(create_line(" 'cpuid=\"host,tm=0\"'")), "%s", err_text);
	ck_assert_uint_eq(fake_domains[1].leaves[1].d & tm, 0);
	ends(0, "xl list -l a", "\"edx\": \"xx0xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"", "");
	fake_guest_shutdown(1, SHUTDOWN_reboot);
	fake_store_fire(1);
	daemon_work(&the_daemon);
	daemon_work(&the_daemon);
	ends(0, "xl domid a", "1\n", "");
	ck_assert_int_eq(fake_domains[1].shutdown, FAKE_SHUTDOWN_NONE);
	ck_assert_uint_eq(fake_domains[1].leaves[1].d & tm, 0);
}
END_TEST

/* More than one answer of the daemon holds: all of them, once, in order; and every verb that goes over all. */
START_TEST(test_many_domains)
{
	unsigned int n, id;
	char *at, long_name[200];

	memset(long_name, 'x', sizeof(long_name));
	for (n = 1; n <= MANY; n++) {
		char name[256];

		snprintf(name, sizeof(name), " -q -p memory=2 'name=\"d%u%.*s\"'", n,
			 (int)sizeof(long_name), long_name);
		ck_assert_msg(!xl(create_line(name)), "%u: %s", n, err_text);
	}
	ck_assert_int_eq(xl("xl list"), 0);
	at = strstr(out_text, "Domain-0");
	for (n = 1; n <= MANY; n++) {
		at = strchr(at, '\n') + 1;
		ck_assert_int_eq(sscanf(at, "d%*u%*[x] %u", &id), 1);
		ck_assert_uint_eq(id, n);
	}
	ck_assert_str_eq(strchr(at, '\n'), "\n");
	ck_assert_int_eq(xl("xl list -l"), 0);
	for (n = 0, at = out_text; (at = strstr(at, "\"domid\": ")); at++, n++)
		ck_assert_uint_eq(strtoul(at + 9, NULL, 10), n);
	ck_assert_uint_eq(n, MANY + 1);
	ck_assert_ptr_null(strstr(out_text, "}    {"));
	ends(0, "xl domname 80", "d80x", "");
	ends(0, "xl uptime", "d80x", "");
	ends(0, "xl vcpu-list", "d80x", "");
	ends(0, "xl sched-credit", "d80x", "");
	ends(0, "xl top -b -i 2", "\nd80xxxxxxx ", "");
	ends(0, "xl rename 80 last", "", "");
	ends(0, "xl domid last", "80\n", "");
	ends(0, "xl shutdown -a", "", "Shutting down domain 80\n");
}
END_TEST

START_TEST(test_console)
{
	xl(create_line(""));
	harness_guest_prints(1, "login: ");
	daemon_work(&the_daemon);
	keys = "root\r\x1dnot this";
	waits = 2;
	ck_assert_int_eq(xl("xl console a"), 0);
	ck_assert_str_eq(out_text, "login: \r\n");
	ck_assert_mem_eq(harness_ring(1)->in, "root\r\0", 6);
	/* It also ends when the domain does. */
	fake_guest_shutdown(1, 0);
	fake_store_fire(1);
	keys = NULL;
	harness_guest_prints(1, "bye");
	ck_assert_int_eq(xl("xl console a"), 1); /* gone before xl could attach */
	ck_assert_int_eq(xl(create_line("")), 0);
	keys = "\x1d";
	ck_assert_int_eq(xl("xl console 1"), 0);
}
END_TEST

START_TEST(test_create_with_console)
{
	keys = "\x1d";
	waits = 3;
	ck_assert_int_eq(xl(create_line(" -c")), 0);
	ck_assert(!fake_domains[1].paused);
	ck_assert_int_eq(xl(create_line(" -c")), 3);
}
END_TEST

START_TEST(test_shutdown_waits)
{
	xl(create_line(""));
	ends(0, "xl reboot a", "", "Rebooting domain 1\n");
	ck_assert_str_eq(fake_store_read("/local/domain/1/control/shutdown"), "reboot");
	ends(0, "xl shutdown -w a", "", "Shutting down domain 1\nWaiting for 1 domains\n"
					"Domain 1 has been shut down, reason code 0\n");
	harness_check_clean();
	xl(create_line(""));
	ends(0, "xl reboot -w a", "", "Rebooting domain 1\nWaiting for 1 domains\n"
				      "Domain 1 has been shut down, reason code 1\n");
	ends(0, "xl shutdown --wait --wait a", "", "Waiting for 1 domains\nDomain 1 has been destroyed\n");
	ck_assert_ptr_null(strstr(err_text, "shut down, reason"));
	harness_check_clean();
	ends(0, "xl shutdown -a", "", "");
	ends(0, "xl shutdown -a -w", "", "Waiting for 0 domains\n");
	ck_assert_int_eq(xl(create_line(" 'on_poweroff=\"preserve\"'")), 0);
	ck_assert_int_eq(xl(create_line(" 'name=\"b\"'")), 0);
	fake_guest_shutdown(2, 0);
	ends(0, "xl shutdown -a -w", "", "Shutting down domain 1\nShutting down domain 2\n"
					 "Waiting for 2 domains\n"
					 "Domain 2 has been shut down, reason code 0\n"
					 "Domain 1 has been shut down, reason code 0\n");
	ends(0, "xl destroy a", "", "");
	ends(0, "xl destroy b", "", "");
	xl(create_line(""));
	stubborn = io.own_keys = true;
	keys = "q\003";
	waits = 9;
	ends(1, "xl shutdown -w a", "", "\nWaiting for 1 domains\n^C\n");
	/* One that somebody else destroys, and one that is down but not destroyed. */
	io.own_keys = false;
	fake_domains[1].used = false;
	fake_store_fire(PLAT_STORE_ANY);
	stubborn = false;
	ends(1, "xl shutdown -w a", "", "a is an invalid domain identifier");
}
END_TEST

/* A domain that another toolstack has made: nobody tells of its end, so it is looked for. */
START_TEST(test_shutdown_of_a_stranger)
{
	fake_domains[1] = fake_domains[0];
	dies_by = 0;
	ends(0, "xl shutdown -w 1", "", "Waiting for 1 domains\nDomain 1 has been shut down, reason code 0\n");
	fake_domains[1].used = false;
}
END_TEST

START_TEST(test_stays_until_the_end)
{
	write_config("on_reboot='destroy'\non_crash='preserve'\n");
	dies_by = SHUTDOWN_poweroff;
	ends(0, create_line(" -F"), "", "Domain 1 has shut down, reason code 0 0x0\n"
					"Action for shutdown reason code 0 is destroy\n");
	harness_check_clean();
	dies_by = SHUTDOWN_crash;
	ends(0, create_line(" -F"), "", "Action for shutdown reason code 3 is preserve\n");
	ends(0, "xl list a", "-sc- ", "");
	dies_by = -1;
	ends(0, "xl destroy a", "", "");
	/* Through restarts, of which the second is held back, to the one that is not done. */
	write_config("");
	dies_by = SHUTDOWN_reboot;
	deaths_left = 4; /* one of them is lost on the wait for the daemon's hello */
	ends(0, create_line(" -F"), "", "reason code 1 is restart\nDomain 1 has shut down, reason code 1 0x1\n"
					"Action for shutdown reason code 1 is restart\n"
					"Domain 1 has shut down, reason code 0 0x0\n"
					"Action for shutdown reason code 0 is destroy\n");
	harness_check_clean();
	/* Ctrl-C leaves the domain alone. */
	dies_by = -1;
	io.own_keys = true;
	keys = "\003";
	waits = 9;
	ends(1, create_line(" -F"), "", "^C\n");
	ends(0, "xl destroy a", "", "");
}
END_TEST

START_TEST(test_nobody_waits_for_the_end)
{
	ends(0, create_line(" -e"), "", "");
	fake_guest_shutdown(1, SHUTDOWN_reboot);
	fake_store_fire(1);
	daemon_work(&the_daemon);
	ends(0, "xl list a", "-sr- ", "");
}
END_TEST

#define INFO_MACHINE \
	"host                   : host\n" \
	"release                : release\n" \
	"version                : #1 version\n" \
	"machine                : x86_64\n" \
	"nr_cpus                : 2\n" \
	"max_cpu_id             : 1\n" \
	"nr_nodes               : 1\n" \
	"cores_per_socket       : 1\n" \
	"threads_per_core       : 1\n" \
	"cpu_mhz                : 2400.123\n" \
	"hw_caps                : 1fc3fbff:00000000:00000000:00000000:00000000:00000000:00000000:00000000\n" \
	"virt_caps              : pv pv_directio gnttab-v1\n" \
	"total_memory           : 192\n" \
	"free_memory            : 190\n" \
	"free_pages             : 48896\n" \
	"sharing_freed_memory   : 0\n" \
	"sharing_used_memory    : 0\n" \
	"outstanding_claims     : 1\n" \
	"free_cpus              : 0\n"
#define INFO_TOPOLOGY \
	"cpu_topology           :\n" \
	"cpu:    core    socket     node\n" \
	"  0:       0        0        0\n" \
	"  2:       1        1        2\n" \
	"device topology        :\n" \
	"device           node\n" \
	"No device topology data available\n" \
	"numa_info              :\n" \
	"node:    memsize    memfree    distances\n" \
	"   0:       512        100      10,4294967295,21\n" \
	"   2:      2048          1      21,4294967295,10\n"
#define INFO_XEN \
	"xen_major              : 4\n" \
	"xen_minor              : 17\n" \
	"xen_extra              : .fake\n" \
	"xen_version            : 4.17.fake\n" \
	"xen_caps               : xen-3.0-x86_64 xen-3.0-x86_32p \n" \
	"xen_scheduler          : credit\n" \
	"xen_pagesize           : 4096\n" \
	"platform_params        : virt_start=0xffff800000000000\n" \
	"xen_changeset          : changeset\n" \
	"xen_commandline        : console=com1\n" \
	"cc_compiler            : gcc 12\n" \
	"cc_compile_by          : by\n" \
	"cc_compile_domain      : domain\n" \
	"cc_compile_date        : date\n" \
	"build_id               : 01abff\n" \
	"xend_config_format     : 4\n"

START_TEST(test_machine)
{
	prints("xl info", INFO_MACHINE INFO_XEN);
	prints("xl info -n", INFO_MACHINE INFO_TOPOLOGY INFO_XEN);
	prints("xl info free_mem", "190\n");
	prints("xl info xen_m", "4\n17\n");
	prints("xl info nothing", "");
	prints("xl info --numa free_mem", INFO_MACHINE INFO_TOPOLOGY INFO_XEN);
	ck_assert_int_eq(xl("xl dmesg"), 0);
	ck_assert_str_eq(out_text, "(XEN)\n");
}
END_TEST

START_TEST(test_tuning)
{
	static const char *const no_header[] = { "xl uptime nobody", "xl uptime nobody b", "xl vcpu-list nobody" };
	size_t i;

	xl(create_line(""));
	ends(0, "xl sched-credit -d a -w 300 --cap=20", "", "");
	ck_assert_uint_eq(fake_domains[1].weight, 300);
	ck_assert_uint_eq(fake_domains[1].cap, 20);
	ck_assert_int_eq(xl("xl sched-credit -d a"), 0);
	ck_assert_str_eq(out_text, "Name                                ID Weight  Cap\n"
				   "a                                    1    300   20\n");
	ck_assert_int_eq(xl("xl sched-credit -s"), 0);
	ck_assert_str_eq(out_text, "Cpupool Pool-0: tslice=30ms ratelimit=1000us migration-delay=0us\n");
	ends(0, "xl sched-credit -s -t 20 -r 0", "", "");
	ends(0, "xl sched-credit -s", "tslice=20ms ratelimit=0us", "");
	ends(1, "xl sched-credit -s -t 0", "", "tslice must be");
	ends(1, "xl sched-credit -s -r 30000", "", "not above tslice");
	ends(1, "xl sched-credit -t 3", "", "Must specify schedparam");
	ends(1, "xl sched-credit -w 3", "", "Must specify a domain.");
	ends(1, "xl sched-credit -d a -w much", "", "\"much\" is not one");
	ends(1, "xl sched-credit -d a -c -1", "", "\"-1\" is not one");
	ends(1, "xl sched-credit -s -d a", "", "not allowed with domain options");
	ends(1, "xl sched-credit -p Pool-0 -d a", "", "not allowed with domain options");
	ends(1, "xl sched-credit -s -w 5", "", "not allowed with domain options");
	ends(0, "xl vcpu-pin a 0 0-1,^0", "", "");
	ck_assert_uint_eq(fake_domains[1].affinity, 2);
	ends(0, "xl vcpu-pin a all - all,^1", "", "");
	ck_assert_uint_eq(fake_domains[1].affinity, 2);
	ck_assert_uint_eq(fake_domains[1].soft_affinity, ~2ull);
	ends(0, "xl vcpu-pin a 0 0 0", "", "");
	ends(0, "xl vcpu-list a", "    1     0    0   -b-       0.0  0 / 0\n",
	     "");
	ends(1, "xl unpause a", "", "xl: error: domain 1 is not paused\n");
	ends(1, "xl vcpu-pin a 7 0", "", "xl: error: the machine has none of these CPUs, or the domain no vCPU 7\n"
					 "Could not set affinity for vcpu `7'.\n");
	ends(1, "xl vcpu-pin a 0 x", "", "Invalid pcpu range: x.\n");
	ends(1, "xl vcpu-pin a 0 0 x", "", "Invalid pcpu range: x.\n");
	ends(1, "xl vcpu-pin a -1 0", "", "\"-1\" is not one");
	ends(1, "xl vcpu-set a -1", "", "\"-1\" is not one");
	ends(1, "xl trigger a nmi x", "", "\"x\" is not one");
	ends(1, "xl vcpu-set a 9", "", "9 VCPUs are more than the 2 CPUs");
	ends(1, "xl vcpu-set -i a 9", "", "at most 1 vCPUs");
	ends(1, "xl vcpu-set a 0", "", "at least 1");
	ends(1, "xl vcpu-set 0 1", "", "not for the control domain");
	ends(1, "xl sched-credit -d a -c 101", "", "cap at most 100 for each vCPU");
	ends(0, "xl mem-max a 16m", "", "");
	ends(0, "xl mem-set a 16384k", "", "");
	ck_assert_str_eq(fake_store_read("/local/domain/1/memory/target"), "16384");
	ends(1, "xl mem-set a much", "", "invalid memory size: much\n");
	ends(1, "xl mem-max a -1", "", "invalid memory size: -1\n");
	ends(1, "xl mem-set a 99g", "", "at most maxmem");
	ends(1, "xl sysrq a toolong", "", "Invalid sysrq.");
	ends(0, "xl rename a b", "", "");
	prints("xl uptime b", "Name                                ID Uptime\n"
			      "b                                    1  0:00:00\n");
	for (i = 0; i < sizeof(no_header) / sizeof(no_header[0]); i++) {
		ends(1, no_header[i], "", "nobody is an invalid domain identifier");
		ck_assert_str_eq(out_text, "");
	}
}
END_TEST

#define TOP "      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS\n" \
	"  Domain-0 --b---          0    0.0          0    0.0          0       0.0     1\n" \
	"         a --b---          0    0.0       8192    4.2       9216       4.7     1\n"

static void io_screen_size(struct xl_io *io, unsigned int *rows, unsigned int *columns)
{
	(void)io;
	*rows = 4;
	*columns = 21;
}

START_TEST(test_top)
{
	xl(create_line(""));
	prints("xl top -b -i 1", TOP);
	/* Nor is control sent to what is no screen. */
	prints("xl top -i 1", TOP);
	stubborn = io.screen = true;
	keys = "xq";
	waits = 2;
	ends(0, "xl top -d 1", "\033[?1049h\033[?25l\033[2J\033[Hxl top - 2 domains, 0 running; "
			       "192 MiB, 182 free; 2 CPUs; q ends\033[K\r\n\033[7m      NAME", "");
	ck_assert_ptr_nonnull(strstr(out_text, "\033[0m  Domain-0 --b---"));
	ck_assert_ptr_null(strstr(out_text, "and more"));
	ck_assert_ptr_nonnull(strstr(out_text, "\033[J\033[?25h\033[?1049l"));
	/* A small one shows what has room. */
	io.screen_size = io_screen_size;
	ends(0, "xl top -i 1", "\033[Hxl top - 2 domains, 0\033[K\r\n\033[7m      NAME  STATE   C\033[K\r\n"
			       "\033[0m  Domain-0 --b---    \033[K\r\nand more that have no\033[J", "");
	offline = true;
	ends(1, "xl top", "", "no connection");
	ck_assert_str_eq(out_text, "");
	offline = false;
	ends(2, "xl top -d 0", "", "a number above zero");
	ends(2, "xl top -i many", "", "a number above zero");
}
END_TEST

START_TEST(test_memory_amounts)
{
	ck_assert_uint_eq(xl_parse_memory("64"), 64 << 10);
	ck_assert_uint_eq(xl_parse_memory("64M"), 64 << 10);
	ck_assert_uint_eq(xl_parse_memory("2g"), 2 << 20);
	ck_assert_uint_eq(xl_parse_memory("8192b"), 8);
	ck_assert_uint_eq(xl_parse_memory("1t"), 1 << 30);
	ck_assert_uint_eq(xl_parse_memory("12x"), 0);
	ck_assert_uint_eq(xl_parse_memory("12mm"), 0);
	ck_assert_uint_eq(xl_parse_memory("-5"), 0);
	ck_assert_uint_eq(xl_parse_memory(""), 0);
}
END_TEST

/* As on a host: the kernel's file is here, not where the daemon is. */
START_TEST(test_sends_images)
{
	io.remote = true;
	ends(0, create_line(""), "", "");
	unlink(kernel32);
	fake_guest_shutdown(1, 1);
	fake_store_fire(1);
	daemon_work(&the_daemon);
	ck_assert_uint_eq(fake_live_domains(), 1); /* restarted from what was sent */
	ends(0, "xl destroy a", "", "");
	ck_assert_uint_eq(the_daemon.uploads[0].id, 0);
	ck_assert_int_eq(xl(create_line("")), 3);
	ck_assert_msg(strstr(err_text, "No such file"), "%s", err_text);
}
END_TEST

START_TEST(test_sends_no_images_in_vain)
{
	char huge[] = "/tmp/paravane-test-huge-XXXXXX", line[128];
	int file = mkstemp(huge);

	io.remote = true;
	ends(0, create_line(""), "", "");
	ends(0, "xl list -l a", kernel32, "");
	ends(3, create_line(" 'ramdisk=\"/tmp\"'"), "", "Domain with name \"a\" already exists.");
	ck_assert_uint_eq(the_daemon.next_upload, 1);
	ends(3, create_line(" 'name=\"b\"' 'kernel=\"/tmp\"'"), "", "xl: error: /tmp: Is a directory\n");
	ends(3, create_line(" 'name=\"b\"' 'kernel=\"/etc/passwd/k\"'"), "", "kernel /etc/passwd/k: No");
	ck_assert_int_eq(ftruncate(file, (128 << 20) + 1), 0);
	snprintf(line, sizeof(line), " 'name=\"b\"' 'kernel=\"%s\"'", huge);
	ends(3, create_line(line), "", "File too large, an image has at most 128 MiB\n");
	ck_assert_uint_eq(the_daemon.next_upload, 1);
	ends(3, "xl create /tmp", "", "Failed to read config file: /tmp: Is a directory\n");
	close(file);
	unlink(huge);
}
END_TEST

/* Whether a line of @options that begins with an option names this one. */
static bool is_told(const char *options, char letter)
{
	const char *line, *c, *end;

	for (line = options; line && *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		for (c = line; *line == '-' && c < end; c++)
			if (*c == '-' && c[1] == letter && (c == line || strchr(" ,", c[-1])) &&
			    !isalnum((unsigned char)c[2]))
				return true;
	}
	return false;
}

/* No command takes a letter that its help does not tell. */
START_TEST(test_takes_what_is_told)
{
	const struct xl_command *commands;
	unsigned int told = 0;
	size_t count, i;
	char line[64], words[32];
	int letter;

	offline = true;
	commands = xl_commands(&count);
	for (i = 0; i < count; i++) {
		for (letter = 'A'; letter <= 'z'; letter++) {
			if (!isalpha(letter) || letter == 'h')
				continue;
			snprintf(line, sizeof(line), "xl %s -%c", commands[i].name, letter);
			snprintf(words, sizeof(words), "unknown option -%c\n", letter);
			xl(line);
			if (is_told(commands[i].options, letter)) {
				told++;
				ck_assert_msg(!strstr(err_text, words), "%s: %s", line, err_text);
			} else {
				ck_assert_msg(strstr(err_text, words), "%s: %s", line, err_text);
			}
		}
	}
	ck_assert_uint_ge(told, 20);
}
END_TEST

START_TEST(test_help)
{
	const struct xl_command *commands;
	char line[128];
	size_t count, i;

	ends(0, "xl help", " create              Create a domain from config file <filename>\n",
	     "");
	ends(0, "xl --help", "xl full list of subcommands", "");
	ends(0, "xl help --long", " create              Create a domain from config file <filename>\n", "");
	ends(0, "xl help list", "Usage: xl [-vftN] list [options] [Domain]\n\n", "");
	ends(0, "xl help nothing", "command \"nothing\" not implemented\n", "");
	ends(1, "xl help save", "", "save is not available");
	ends(2, "xl -N list", "", "option -N: list has no dry run\n");
	ends(2, "xl -vT list", "", "option -T: messages carry no times");
	ends(1, "xl -x list", "", "unknown global option -x");
	ends(0, "xl -vf -t list", "Domain-0", "xl: debug: request list\n");
	snprintf(line, sizeof(line), "xl -N create %s", config_path);
	ends(0, line, "\"name\": \"a\"", "");
	commands = xl_commands(&count);
	for (i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "xl %s -h", commands[i].name);
		ends(0, line, "Usage: xl", "");
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xl");
	TCase *t = tcase_create("xl");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_create_list_destroy);
	tcase_add_test(t, test_refusals);
	tcase_add_test(t, test_create_options);
	tcase_add_test(t, test_long_list);
	tcase_add_test(t, test_cpuid);
	tcase_add_test(t, test_many_domains);
	tcase_add_test(t, test_console);
	tcase_add_test(t, test_create_with_console);
	tcase_add_test(t, test_shutdown_waits);
	tcase_add_test(t, test_shutdown_of_a_stranger);
	tcase_add_test(t, test_stays_until_the_end);
	tcase_add_test(t, test_nobody_waits_for_the_end);
	tcase_add_test(t, test_machine);
	tcase_add_test(t, test_tuning);
	tcase_add_test(t, test_top);
	tcase_add_test(t, test_memory_amounts);
	tcase_add_test(t, test_sends_images);
	tcase_add_test(t, test_sends_no_images_in_vain);
	tcase_add_test(t, test_takes_what_is_told);
	tcase_add_test(t, test_help);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
