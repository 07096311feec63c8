/* SPDX-License-Identifier: GPL-2.0-only */
/* The control daemon: domains' lives, consoles, and clients that misbehave. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pvabi/sched.h"
#include "tests/host/check_main.h"
#include "tests/host/daemon_harness.h"
#include "tests/host/fake_hypervisor.h"
#include "tests/host/fake_store.h"
#include "tools/platform/store.h"

static int fd;

static void setup(void)
{
	harness_start();
	fd = harness_connect();
}

static void teardown(void)
{
	close(fd);
	harness_stop();
}

#define CONFIG                                                                                     \
	"{\"c_info\":{\"type\":\"pv\",\"name\":\"%s\"},\"b_info\":{\"max_vcpus\":1,\"max_memkb\":" \
	"8192,"                                                                                    \
	"\"target_memkb\":8192,\"kernel\":\"%s\"}%s}"

/* A domain with this name; more members of the configuration in @more. */
static const char *create(const char *name, const char *kernel, const char *more)
{
	return harness_ask(fd, "{\"id\":5,\"op\":\"create\",\"config\":" CONFIG "}", name, kernel,
			   more);
}

#define answers(line, words)                                                                       \
	do {                                                                                       \
		const char *got = line;                                                            \
		ck_assert_msg(got && strstr(got, words), "%s", got ? got : "nothing");             \
	} while (0)

#define simple(op, domain)                                                                         \
	harness_ask(fd, "{\"id\":6,\"op\":\"" op "\",\"domain\":\"" domain "\"}")

START_TEST(test_life)
{
	answers(create("a", kernel32, ""), "{\"id\":5,\"ok\":{\"domid\":1}}");
	ck_assert(!fake_domains[1].paused);
	ck_assert(fake_store_introduced(1));
	ck_assert_str_eq(fake_store_read("/local/domain/1/name"), "a");
	ck_assert_str_eq(fake_store_read("/local/domain/1/memory/target"), "8192");
	ck_assert_str_eq(fake_store_read("/local/domain/1/cpu/0/availability"), "online");
	ck_assert_ptr_nonnull(fake_store_read("/local/domain/1/console/ring-ref"));
	ck_assert_ptr_nonnull(fake_store_read("/local/domain/1/store/port"));
	answers(simple("list", "a"), "\"domid\":1,\"name\":\"a\"");
	answers(simple("list", "1"), "\"memory_kb\":8192");
	answers(simple("pause", "a"), "{\"id\":6,\"ok\":{}}");
	ck_assert(fake_domains[1].paused);
	answers(simple("unpause", "a"), "ok");
	ck_assert(!fake_domains[1].paused);
	answers(simple("shutdown", "a"), "ok");
	ck_assert_str_eq(fake_store_read("/local/domain/1/control/shutdown"), "poweroff");
	answers(simple("destroy", "a"), "ok");
	harness_check_clean();
	answers(simple("destroy", "a"), "a is an invalid domain identifier (rc=-6)");
	answers(simple("list", "1"), "Error: Domain '1' does not exist.");
}
END_TEST

START_TEST(test_both_widths_paused)
{
	answers(harness_ask(fd,
			    "{\"id\":1,\"op\":\"create\",\"paused\":true,\"config\":" CONFIG "}",
			    "w", kernel64, ""),
		"\"domid\":1");
	ck_assert(fake_domains[1].paused);
	ck_assert_uint_eq(fake_domains[1].bits, 64);
	answers(create("v", kernel32, ""), "\"domid\":2");
	ck_assert_uint_eq(fake_domains[2].bits, 32);
	answers(harness_ask(fd, "{\"id\":7,\"op\":\"list\"}"), "\"name\":\"Domain-0\"");
}
END_TEST

START_TEST(test_refuses_domains)
{
	answers(create("a", "/nowhere/kernel", ""), "kernel /nowhere/kernel: No such file");
	answers(create("a", not_a_kernel, ""), "not an ELF file");
	answers(create("a/b", kernel32, ""), "configuration: name");
	answers(create("a", kernel32, ",\"on_crash\":\"x\""), "configuration: on_*");
	answers(harness_ask(fd,
			    "{\"id\":1,\"op\":\"create\",\"config\":{\"c_info\":{\"name\":\"a\"},"
			    "\"b_info\":{\"max_vcpus\":1,\"max_memkb\":8192,\"target_memkb\":8192,"
			    "\"kernel\":\"%s\",\"ramdisk\":\"/nowhere/r\"}}}",
			    kernel32),
		"ramdisk /nowhere/r: No such file");
	harness_check_clean();
	answers(create("a", kernel32, ""), "ok");
	answers(create("a", kernel32, ""), "Domain with name \\\"a\\\" already exists.");
	answers(create("Domain-0", kernel32, ""), "already exists");
	answers(simple("destroy", "0"), "Cannot destroy privileged domain 0.");
	answers(simple("pause", "Domain-0"), "not for the control domain");
	answers(simple("shutdown", "0"), "not for the control domain");
	answers(simple("pause", "99999999999"), "Error: Domain '99999999999' does not exist.");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"shutdown\",\"domain\":\"a\",\"reason\":\"x\"}"),
		"must be poweroff, reboot or halt");
}
END_TEST

/* Each call to hypervisor and store fails once: nothing stays, and the next try succeeds. */
START_TEST(test_undoes_every_failure)
{
	unsigned int n, failures = 0;
	const char *line;

	for (n = 1; n < 200; n++) {
		fake_fail(n, EPERM);
		line = create("a", kernel32, "");
		if (!fake_failed())
			break;
		ck_assert_ptr_nonnull(line);
		if (strstr(line, "error")) {
			failures++;
			ck_assert_msg(strstr(line, "\"text\":\"") && !strstr(line, "\"text\":\"\""),
				      "%s", line);
		} else {
			fake_fail(0, 0);
			answers(simple("destroy", "a"), "ok");
		}
		fake_fail(0, 0);
		harness_check_clean();
	}
	fake_fail(0, 0);
	ck_assert_uint_ge(failures, 60);
	answers(simple("destroy", "a"), "ok");
	harness_check_clean();
}
END_TEST

static void die(domid_t domid, int reason)
{
	fake_guest_shutdown(domid, reason);
	fake_store_fire(domid);
	daemon_work(&the_daemon);
	daemon_work(&the_daemon);
}

START_TEST(test_death_actions)
{
	answers(create("a", kernel32, ""), "\"domid\":1");
	die(1, SHUTDOWN_poweroff); /* destroy */
	harness_check_clean();
	answers(create("a", kernel32, ",\"on_crash\":\"preserve\""), "\"domid\":1");
	die(1, SHUTDOWN_crash);
	ck_assert_uint_eq(fake_live_domains(), 1);
	answers(simple("list", "a"), "\"shutdown\":true,\"reason\":3");
	die(1, SHUTDOWN_crash); /* once is enough */
	ck_assert_uint_eq(fake_live_domains(), 1);
	answers(simple("destroy", "a"), "ok");
	harness_check_clean();
	answers(create("a", kernel32, ",\"on_watchdog\":\"rename-restart\""), "\"domid\":1");
	die(1, SHUTDOWN_watchdog);
	answers(simple("list", "a-1"), "\"domid\":1");
	answers(simple("list", "a"), "\"domid\":2");
	ck_assert_str_eq(fake_store_read("/local/domain/1/name"), "a-1");
	answers(simple("destroy", "a-1"), "ok");
	answers(simple("destroy", "a"), "ok");
	harness_check_clean();
	ck_assert_ptr_nonnull(strstr(daemon_logged, "domain a (1) has shut down: watchdog, action: "
						    "rename-restart"));
}
END_TEST

START_TEST(test_restart_is_held_back)
{
	domid_t domid = 1;
	int i;

	answers(create("a", kernel32, ""), "\"domid\":1");
	fake_advance(10000000000);
	die(1, SHUTDOWN_reboot); /* lived long: again at once */
	answers(simple("list", "a"), "\"domid\":1");
	die(1, SHUTDOWN_reboot); /* once quick: still at once */
	answers(simple("list", "a"), "\"domid\":1");
	for (i = 0; i < 3; i++) {
		die(domid, SHUTDOWN_reboot);
		ck_assert_uint_eq(fake_live_domains(), 0);
		answers(simple("list", "a"), "waits to be restarted");
		answers(simple("pause", "a"), "waits to be restarted");
		/* Its last id may be somebody else's by now. */
		answers(simple("vcpu-list", "a"), "waits to be restarted");
		answers(simple("vcpu-pin", "a"), "waits to be restarted");
		answers(simple("sched-credit", "a"), "waits to be restarted");
		ck_assert_uint_eq(deaths_deadline(&the_daemon) - plat_now(), 1000000000ull << i);
		fake_advance((1000000000ull << i) - 1);
		daemon_work(&the_daemon);
		ck_assert_uint_eq(fake_live_domains(), 0);
		fake_advance(1);
		daemon_work(&the_daemon);
		ck_assert_uint_eq(fake_live_domains(), 1);
	}
	die(domid, SHUTDOWN_reboot);
	answers(simple("destroy", "a"), "ok"); /* while it waits */
	ck_assert_uint_eq(deaths_deadline(&the_daemon), PLAT_NEVER);
	harness_check_clean();
}
END_TEST

/* Nor do the dead of a kernel that cannot boot fill the machine. */
START_TEST(test_rename_restart_is_held_back)
{
	domid_t domid;
	char name[8];

	answers(create("a", kernel32, ",\"on_crash\":\"rename-restart\""), "\"domid\":1");
	die(1, SHUTDOWN_crash);
	for (domid = 2; domid < 5; domid++) {
		snprintf(name, sizeof(name), "a-%u", domid - 1);
		answers(harness_ask(fd, "{\"id\":1,\"op\":\"list\",\"domain\":\"%s\"}", name), "\"shutdown\":true");
		answers(harness_ask(fd, "{\"id\":1,\"op\":\"list\",\"domain\":\"%u\"}", domid), "\"name\":\"a\"");
		die(domid, SHUTDOWN_crash);
		ck_assert_uint_eq(fake_live_domains(), domid);
		answers(simple("list", "a"), "waits to be restarted");
		answers(create("a", kernel32, ""), "already exists");
		ck_assert_uint_eq(deaths_deadline(&the_daemon) - plat_now(), 1000000000ull << (domid - 2));
		fake_advance(1000000000ull << (domid - 2));
		daemon_work(&the_daemon);
	}
	/* What is built is refused: the dead ones stay, nothing else does. */
	unlink(kernel32);
	die(domid, SHUTDOWN_crash);
	fake_advance(8000000000);
	daemon_work(&the_daemon);
	ck_assert_ptr_nonnull(strstr(daemon_logged, "domain a cannot be restarted: kernel"));
	answers(simple("list", "a"), "invalid domain identifier");
	ck_assert_uint_eq(fake_live_domains(), domid);
	while (domid)
		answers(harness_ask(fd, "{\"id\":1,\"op\":\"destroy\",\"domain\":\"%u\"}", domid--), "ok");
	harness_check_clean();
}
END_TEST

START_TEST(test_restart_that_fails)
{
	answers(create("a", kernel32, ""), "\"domid\":1");
	unlink(kernel32);
	die(1, SHUTDOWN_reboot);
	harness_check_clean();
	ck_assert_ptr_nonnull(strstr(daemon_logged, "cannot be restarted: kernel"));
	answers(simple("list", "a"), "invalid domain identifier");
}
END_TEST

START_TEST(test_tells_what_happens)
{
	int other = harness_connect();

	answers(harness_ask(other, "{\"id\":3,\"op\":\"watch-domains\"}"), "{\"id\":3,\"ok\":{}}");
	answers(create("a", kernel32, ""), "\"domid\":1");
	fake_advance(10000000000);
	die(1, SHUTDOWN_reboot);
	answers(harness_receive(other),
		"{\"id\":3,\"event\":\"shutdown\",\"domid\":1,\"reason\":1,\"action\":\"restart\"}");
	answers(harness_receive(other), "{\"id\":3,\"event\":\"restarting\",\"domid\":1}");
	answers(harness_receive(other), "{\"id\":3,\"event\":\"restarted\",\"domid\":1,\"was\":1}");
	unlink(kernel32);
	die(1, SHUTDOWN_reboot);
	answers(harness_receive(other), "\"event\":\"shutdown\"");
	answers(harness_receive(other), "\"event\":\"restarting\"");
	answers(harness_receive(other), "{\"id\":3,\"event\":\"lost\",\"domid\":1}");
	answers(create("b", kernel64, ""), "\"domid\":1");
	answers(simple("destroy", "b"), "ok");
	answers(harness_receive(other), "{\"id\":3,\"event\":\"destroyed\",\"domid\":1}");
	/* Who begins anew is told no more, and the others never were. */
	answers(harness_ask(other, "{\"id\":4,\"op\":\"hello\",\"version\":1}"), "\"id\":4");
	answers(create("b", kernel64, ""), "\"domid\":1");
	answers(simple("destroy", "b"), "{\"id\":6,\"ok\"");
	ck_assert_ptr_null(harness_receive(other));
	ck_assert_ptr_null(harness_receive(fd));
	close(other);
}
END_TEST

START_TEST(test_domain_that_vanishes)
{
	answers(create("a", kernel32, ""), "\"domid\":1");
	fake_domains[1].used = false; /* somebody else destroyed it */
	fake_store_fire(PLAT_STORE_ANY);
	daemon_work(&the_daemon);
	answers(simple("list", "a"), "invalid domain identifier");
	ck_assert_uint_eq(fake_store_nodes(), 0);
	fake_domains[1].used = true;
}
END_TEST

START_TEST(test_rename)
{
	answers(create("a", kernel32, ""), "ok");
	answers(create("b", kernel32, ""), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"rename\",\"domain\":\"a\",\"name\":\"b\"}"),
		"already exists");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"rename\",\"domain\":\"a\",\"name\":\"a\"}"), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"rename\",\"domain\":\"a\",\"name\":\"x y\"}"),
		"only printable");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"rename\",\"domain\":\"a\",\"name\":\"c\"}"),
		"ok");
	answers(simple("list", "c"), "\"domid\":1");
	ck_assert_str_eq(fake_store_read("/local/domain/1/name"), "c");
}
END_TEST

START_TEST(test_console)
{
	int other = harness_connect();
	struct xencons_interface *ring;

	answers(create("a", kernel32, ""), "ok");
	harness_guest_prints(1, "early\n");
	daemon_work(&the_daemon);
	answers(harness_ask(fd, "{\"id\":9,\"op\":\"console\",\"domain\":\"a\"}"),
		"{\"id\":9,\"ok\"");
	harness_send(other, "{\"id\":3,\"op\":\"console\",\"domain\":\"1\"}\n");
	answers(harness_receive(other), "{\"id\":3,\"event\":\"output\",\"data\":\"early\\n\"}");
	answers(harness_receive(other), "\"ok\"");
	harness_guest_prints(1, "live \x01\xff");
	answers(harness_receive(fd),
		"{\"id\":9,\"event\":\"output\",\"data\":\"live \\u0001\\u00ff\"}");
	answers(harness_receive(other), "live");

	answers(harness_ask(fd,
			    "{\"id\":10,\"op\":\"input\",\"console\":9,\"data\":\"hi\\u0003\"}"),
		"\"taken\":3");
	ring = harness_ring(1);
	ck_assert_uint_eq(ring->in_prod, 3);
	ck_assert_mem_eq(ring->in, "hi\x03", 3);
	answers(harness_ask(fd, "{\"id\":11,\"op\":\"input\",\"console\":8,\"data\":\"x\"}"),
		"no such console");
	answers(harness_ask(fd, "{\"id\":12,\"op\":\"detach\",\"console\":9}"), "ok");
	harness_guest_prints(1, "more");
	ck_assert_ptr_null(harness_receive(fd));
	answers(harness_receive(other), "more");

	harness_guest_prints(1, "bye");
	die(1, SHUTDOWN_poweroff);
	answers(harness_receive(other), "bye");
	answers(harness_receive(other), "\"event\":\"closed\"");
	close(other);
	harness_check_clean();
}
END_TEST

START_TEST(test_console_input_waits_for_room)
{
	struct xencons_interface *ring;
	char keys[3001] = "";
	size_t i;

	answers(create("a", kernel32, ""), "ok");
	answers(harness_ask(fd, "{\"id\":9,\"op\":\"console\",\"domain\":\"a\"}"), "ok");
	for (i = 0; i < 3000; i++)
		keys[i] = 'a' + i % 26;
	keys[i] = '\0';
	answers(harness_ask(fd, "{\"id\":10,\"op\":\"input\",\"console\":9,\"data\":\"%s\"}", keys),
		"\"taken\":3000");
	answers(harness_ask(fd, "{\"id\":10,\"op\":\"input\",\"console\":9,\"data\":\"%s\"}", keys),
		"\"taken\":2120"); /* 1024 in the ring, 4096 behind it */
	ring = harness_ring(1);
	for (i = 0; i < 3000; i++) {
		if (ring->in_cons == ring->in_prod) {
			fake_guest_notify(1, domain_by_id(&the_daemon, 1)->built.console_port);
			daemon_work(&the_daemon);
		}
		ck_assert_int_eq(ring->in[MASK_XENCONS_IDX(ring->in_cons++, ring->in)], keys[i]);
	}
}
END_TEST

/* Whatever the guest writes into its page, the daemon reads no more than the ring holds. */
START_TEST(test_hostile_console)
{
	struct xencons_interface *ring;
	unsigned int seed = 2, i;

	answers(create("a", kernel32, ""), "ok");
	answers(create("b", kernel32, ""), "ok");
	answers(harness_ask(fd, "{\"id\":9,\"op\":\"console\",\"domain\":\"a\"}"), "ok");
	ring = harness_ring(1);
	for (i = 0; i < 500; i++) {
		ring->out_prod = rand_r(&seed);
		ring->out_cons = rand_r(&seed);
		ring->in_cons = rand_r(&seed);
		ring->in_prod = rand_r(&seed);
		fake_guest_notify(1, domain_by_id(&the_daemon, 1)->built.console_port);
		harness_send(fd, "{\"id\":10,\"op\":\"input\",\"console\":9,\"data\":\"x\"}\n");
		while (harness_receive(fd))
			;
	}
	harness_guest_prints(2, "fine");
	answers(harness_ask(fd, "{\"id\":19,\"op\":\"console\",\"domain\":\"b\"}"),
		"{\"id\":19,\"ok\"");
}
END_TEST

static void print_much(unsigned int pieces)
{
	char text[1001];
	unsigned int i;

	for (i = 0; i < pieces; i++) {
		memset(text, 'a' + i % 26, 1000);
		text[1000] = '\0';
		harness_guest_prints(1, text);
		daemon_work(&the_daemon);
	}
}

/* The output in all events up to the one that says it is closed, which there must be. */
static char *read_output(int client)
{
	struct buf data = { 0 };
	const char *line;
	struct json json;

	while ((line = harness_receive(client)) && !strstr(line, "\"closed\"")) {
		ck_assert_int_eq(json_parse(&json, line, strlen(line)), 0);
		json_bytes(&json, json_get(&json, JSON_ROOT, "data"), &data);
		json_free(&json);
	}
	ck_assert_ptr_nonnull(line);
	buf_putc(&data, '\0');
	ck_assert(!data.failed);
	return data.data;
}

START_TEST(test_history_is_bounded)
{
	const char *data;
	uint64_t at = 0;
	size_t len, all = 0;

	answers(create("a", kernel32, ""), "ok");
	print_much(40);
	while ((len = console_since(&domain_by_id(&the_daemon, 1)->console, &at, &data))) {
		if (!all)
			ck_assert_int_eq(data[0], 'a' + 23); /* 40,000 bytes less 16,384 */
		all += len;
		at += len;
		ck_assert_int_eq(data[len - 1], at == 40000 ? 'a' + 39 % 26 : data[len - 1]);
	}
	ck_assert_uint_eq(all, CONSOLE_HISTORY);
	ck_assert_uint_eq(at, 40000);
}
END_TEST

/* However slow the reader, it sees the end of it all, and the end itself. */
START_TEST(test_slow_reader_sees_the_last_words)
{
	int other = harness_connect();
	char *text;
	size_t len;

	answers(create("a", kernel32, ""), "ok");
	answers(harness_ask(other, "{\"id\":3,\"op\":\"console\",\"domain\":\"1\"}"), "ok");
	print_much(2000);
	harness_guest_prints(1, "last words");
	die(1, SHUTDOWN_poweroff);
	ck_assert_uint_eq(harness_clients(), 2);
	text = read_output(other);
	len = strlen(text);
	ck_assert_uint_gt(len, CONSOLE_HISTORY);
	ck_assert_str_eq(text + len - 10, "last words");
	free(text);
	close(other);
	harness_check_clean();
}
END_TEST

START_TEST(test_destroy_shows_the_last_words)
{
	char *text;

	answers(create("a", kernel32, ""), "ok");
	answers(harness_ask(fd, "{\"id\":3,\"op\":\"console\",\"domain\":\"1\"}"), "ok");
	harness_guest_prints(1, "last words");
	harness_send(fd, "{\"id\":4,\"op\":\"destroy\",\"domain\":\"1\"}\n");
	text = read_output(fd);
	ck_assert_str_eq(text, "last words");
	free(text);
	harness_check_clean();
}
END_TEST

START_TEST(test_rubbish_from_clients)
{
	static const struct {
		const char *line, *answer;
	} lines[] = {
		{"hello there", "not a JSON object"},
		{"[]", "\\\"id\\\" is missing or wrong"},
		{"{\"id\":1}", "\\\"op\\\" is missing or wrong"},
		{"{\"id\":-1,\"op\":\"list\"}", "\\\"id\\\" is missing"},
		{"{\"id\":1,\"op\":\"explode\"}", "unknown request \\\"explode\\\""},
		{"{\"id\":1,\"op\":\"destroy\"}", "\\\"domain\\\" is missing"},
		{"{\"id\":1,\"op\":\"destroy\",\"domain\":7}", "\\\"domain\\\" is missing"},
		{"{\"id\":1,\"op\":\"create\"}", "configuration: name"},
		{"{\"id\":1,\"op\":\"list\",\"config\":3}", "\\\"config\\\" is missing or wrong"},
		{"{\"id\":1,\"op\":\"upload-data\",\"upload\":3,\"data\":\"\"}", "no such upload"},
		{"{\"id\":1,\"op\":\"debug-keys\"}", "\\\"keys\\\" is missing"},
		{"{\"id\":1,\"op\":\"vcpu-pin\",\"domain\":\"0\",\"vcpu\":0}", "missing or wrong"},
	};
	unsigned int seed = 4;
	char junk[200];
	size_t i, j;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		answers(harness_ask(fd, "%s", lines[i].line), lines[i].answer);
	for (i = 0; i < 1000; i++) {
		for (j = 0; j < sizeof(junk) - 2; j++)
			junk[j] = 1 + rand_r(&seed) % 255;
		junk[j] = '\n';
		junk[j + 1] = '\0';
		harness_send(fd, junk);
		while (harness_receive(fd))
			;
	}
	answers(harness_ask(fd, "\n{\"id\":2,\"op\":\"hello\"}"), "\"version\":1");
}
END_TEST

START_TEST(test_endless_line_ends_the_client)
{
	int other = harness_connect();
	char piece[1001];
	int i;

	memset(piece, 'x', 1000);
	piece[1000] = '\0';
	for (i = 0; i < 60; i++)
		harness_send(other, piece);
	ck_assert_uint_eq(harness_clients(), 2);
	for (i = 0; i < 10; i++) {
		if (write(other, piece, 1000) < 0)
			break;
		daemon_work(&the_daemon);
	}
	ck_assert_uint_eq(harness_clients(), 1);
	close(other);
	answers(harness_ask(fd, "{\"id\":2,\"op\":\"hello\"}"), "ok");
}
END_TEST

START_TEST(test_client_that_does_not_read)
{
	int other = harness_connect(), i;

	for (i = 0; i < 20000 && harness_clients() > 1; i++) {
		if (write(other, "{\"id\":2,\"op\":\"info\"}\n", 21) < 0)
			break;
		daemon_work(&the_daemon);
	}
	daemon_work(&the_daemon);
	ck_assert_uint_eq(harness_clients(), 1);
	close(other);
	answers(harness_ask(fd, "{\"id\":2,\"op\":\"hello\"}"), "ok");
}
END_TEST

START_TEST(test_too_many_clients)
{
	int fds[2 * DAEMON_MAX_CLIENTS], count = 0, pair[2];

	while (count < DAEMON_MAX_CLIENTS - 1)
		fds[count++] = harness_connect();
	ck_assert_int_eq(pipe(pair), 0);
	ck_assert_int_eq(daemon_add_client(&the_daemon, pair[0]), -ENOSPC);
	close(pair[1]);
	while (count)
		close(fds[--count]);
	daemon_work(&the_daemon);
	ck_assert_uint_eq(harness_clients(), 1);
}
END_TEST

static char base64[60000];

static void encode(const char *path)
{
	char command[200];
	FILE *f;

	snprintf(command, sizeof(command), "base64 -w0 %s", path);
	f = popen(command, "r");
	base64[fread(base64, 1, sizeof(base64) - 1, f)] = '\0';
	pclose(f);
}

static const char *upload(int from, const char *text)
{
	return harness_ask(from, "{\"id\":3,\"op\":\"upload-data\",\"upload\":1,\"data\":\"%s\"}",
			   text);
}

START_TEST(test_upload)
{
	int other = harness_connect();

	encode(kernel32);
	answers(harness_ask(other, "{\"id\":1,\"op\":\"upload\"}"), "\"upload\":1");
	answers(upload(other, base64), "ok");
	answers(upload(fd, base64), "no such upload"); /* somebody else's */
	answers(create("a", "upload:1", ""), "ok");
	ck_assert_uint_eq(fake_domains[1].bits, 32);
	close(other);
	daemon_work(&the_daemon);
	/* The domain needs it still. */
	die(1, SHUTDOWN_reboot);
	answers(simple("list", "a"), "\"domid\":1");
	answers(simple("destroy", "a"), "ok");
	ck_assert_uint_eq(the_daemon.uploads[0].id, 0);
	answers(create("a", "upload:1", ""), "kernel upload:1: No such file");
}
END_TEST

START_TEST(test_upload_refusals)
{
	int i;

	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\"}"), "\"upload\":1");
	answers(upload(fd, "abc"), "error");
	answers(upload(fd, "ab!d"), "error");
	answers(upload(fd, "a==="), "error");
	answers(upload(fd, "YQ=="), "ok");
	ck_assert_uint_eq(the_daemon.uploads[0].data.len, 1);
	for (i = 1; i < DAEMON_MAX_UPLOADS; i++)
		answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\"}"), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\"}"), "too many images");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"hello\",\"version\":1}"), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\",\"name\":\"/big\",\"size\":134217729}"),
		"/big: an image has at most 128 MiB");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\",\"size\":1,\"sent\":134217729}"), "at most 128 MiB");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\",\"name\":7}"), "\\\"name\\\" is wrong");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\",\"size\":\"x\"}"), "\\\"size\\\" is missing or wrong");
}
END_TEST

/* People are told what they called it; the reference is the machine's. */
START_TEST(test_upload_by_name)
{
	encode(kernel32);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\",\"name\":\"/my/kernel\",\"size\":9}"), "\"upload\":1");
	answers(create("a", "upload:1", ""), "kernel: /my/kernel: not an ELF file");
	answers(harness_ask(fd, "{\"id\":4,\"op\":\"upload-unpack\",\"upload\":1}"), "/my/kernel: damaged gzip data");
	answers(upload(fd, base64), "ok");
	answers(create("a", "upload:1", ""), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"list\",\"domain\":\"a\",\"config\":true}"),
		"\"kernel\":\"/my/kernel\"");
	answers(simple("destroy", "a"), "ok");
}
END_TEST

START_TEST(test_only_checks)
{
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"create\",\"check\":true,\"config\":" CONFIG "}", "a", "/k", ""),
		"{\"id\":1,\"ok\":{}}");
	ck_assert_uint_eq(fake_live_domains(), 0);
	answers(create("a", kernel32, ""), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"create\",\"check\":true,\"config\":" CONFIG "}", "a", "/k", ""),
		"already exists");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"create\",\"check\":1,\"config\":" CONFIG "}", "b", "/k", ""),
		"\\\"check\\\" is missing or wrong");
}
END_TEST

static const char *unpack(void)
{
	return harness_ask(fd, "{\"id\":4,\"op\":\"upload-unpack\",\"upload\":1}");
}

START_TEST(test_upload_packed)
{
	char command[200], path[80];

	answers(unpack(), "no such upload");
	snprintf(path, sizeof(path), "%s.gz", kernel32);
	snprintf(command, sizeof(command), "gzip -c %s >%s", kernel32, path);
	ck_assert_int_eq(system(command), 0);
	encode(path);
	unlink(path);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"upload\"}"), "\"upload\":1");
	answers(upload(fd, base64), "ok");
	answers(unpack(), "ok");
	answers(unpack(), "damaged gzip data"); /* it is none any more */
	answers(harness_ask(fd,
			    "{\"id\":1,\"op\":\"create\",\"config\":{\"c_info\":{\"name\":\"a\"},"
			    "\"b_info\":{\"max_vcpus\":1,\"max_memkb\":8192,\"target_memkb\":8192,"
			    "\"kernel\":\"upload:1\",\"ramdisk\":\"upload:1\"}}}"),
		"ok");
	answers(simple("destroy", "a"), "ok");
	/* Still its sender's, for another domain. */
	answers(create("b", "upload:1", ""), "ok");
}
END_TEST

/* The control domain has a balloon, too; it must be able to work, and does not outgrow its maps. */
START_TEST(test_own_memory)
{
	unsigned int call;

	the_daemon.own_target_kb = the_daemon.own_max_kb = 96 << 10;
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"0\",\"kb\":65536}"), "ok");
	ck_assert_uint_eq(fake_balloon_kb, 65536);
	ck_assert_str_eq(fake_store_read("/local/domain/0/memory/target"), "65536");
	ck_assert_uint_eq(fake_domains[0].max_pages, (65536 + 1024) / 4);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"0\",\"kb\":32767}"),
		"memory must be at least 32 MiB and at most maxmem, 96 MiB");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"Domain-0\",\"kb\":98305}"), "at most maxmem");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-max\",\"domain\":\"0\",\"kb\":65535}"), "at least memory, 64 MiB");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-max\",\"domain\":\"0\",\"kb\":81920}"), "ok");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"0\",\"kb\":98304}"), "at most maxmem, 80 MiB");
	answers(simple("vcpu-set", "0"), "not for the control domain");
	for (call = 1;; call++) {
		fake_fail(call, -EIO);
		if (!strstr(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"0\",\"kb\":40960}"), "error"))
			break;
		ck_assert_uint_eq(the_daemon.own_target_kb, 65536);
		ck_assert_uint_eq(fake_balloon_kb, 65536);
		ck_assert_uint_eq(fake_domains[0].max_pages, (81920 + 1024) / 4);
	}
	ck_assert_uint_gt(call, 4);
	ck_assert_uint_eq(fake_balloon_kb, 40960);
}
END_TEST

START_TEST(test_tuning)
{
	unsigned int call;

	answers(create("a", kernel32, ""), "ok");
	ck_assert_uint_eq(fake_domains[1].map_bytes, 8 << 20);
	answers(harness_ask(fd,
			    "{\"id\":1,\"op\":\"sched-credit\",\"domain\":\"a\",\"weight\":512}"),
		"\"weight\":512,\"cap\":0");
	ck_assert_uint_eq(fake_domains[1].weight, 512);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"sched-credit\",\"domain\":\"a\",\"weight\":0}"),
		"weight must be");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"vcpu-pin\",\"domain\":\"a\",\"vcpu\":0,"
			    "\"cpus\":2}"), "ok");
	ck_assert_uint_eq(fake_domains[1].affinity, 2);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-max\",\"domain\":\"a\",\"kb\":16384}"),
		"ok");
	ck_assert_uint_eq(fake_domains[1].max_pages, (16384 + 1024) / 4);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-max\",\"domain\":\"a\",\"kb\":4096}"),
		"maxmem must be at least memory, 8 MiB");
	ck_assert_str_eq(fake_store_read("/local/domain/1/memory/static-max"), "16384");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"a\",\"kb\":12288}"),
		"ok");
	ck_assert_str_eq(fake_store_read("/local/domain/1/memory/target"), "12288");
	ck_assert_uint_eq(fake_domains[1].max_pages, (12288 + 1024) / 4);
	for (call = 1;; call++) {
		fake_fail(call, -EIO);
		if (!strstr(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"a\",\"kb\":9216}"),
			    "error"))
			break;
		ck_assert_str_eq(fake_store_read("/local/domain/1/memory/target"), "12288");
		ck_assert_uint_eq(fake_domains[1].max_pages, (12288 + 1024) / 4);
	}
	ck_assert_uint_gt(call, 3);
	fake_fail(0, 0);
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"mem-set\",\"domain\":\"a\",\"kb\":99999}"),
		"at most maxmem, 16 MiB");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"vcpu-set\",\"domain\":\"a\",\"count\":2}"),
		"at least 1 and at most 1 vCPUs");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"sysrq\",\"domain\":\"a\",\"key\":\"s\"}"),
		"ok");
	ck_assert_str_eq(fake_store_read("/local/domain/1/control/sysrq"), "s");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"trigger\",\"domain\":\"a\",\"trigger\":\"x\"}"),
		"Invalid trigger");
}
END_TEST

START_TEST(test_machine)
{
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"info\"}"), "\"nr_cpus\":2");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"info\"}"), "\"extra\":\".fake\"");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dmesg\"}"),
		"\"data\":\"(XEN)\\n\",\"index\":6");
	answers(harness_ask(fd, "{\"id\":1,\"op\":\"dmesg\",\"index\":6}"), "\"data\":\"\"");
}
END_TEST

/* Many lives, half of them cut short somewhere: afterwards everything is as before. */
START_TEST(test_soak)
{
	unsigned int seed = 9, i;
	const char *line;

	for (i = 0; i < 200; i++) {
		int other = harness_connect();

		if (i % 2)
			fake_fail(1 + rand_r(&seed) % 70, ENOMEM);
		line = create("a", i % 3 ? kernel32 : kernel64, "");
		fake_fail(0, 0);
		harness_send(other, "{\"id\":1,\"op\":\"console\",\"domain\":\"a\"}\n{\"id\":");
		close(other);
		if (line && strstr(line, "\"ok\""))
			answers(simple("destroy", "a"), "ok");
		harness_check_clean();
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("daemon");
	TCase *t = tcase_create("daemon");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_life);
	tcase_add_test(t, test_both_widths_paused);
	tcase_add_test(t, test_refuses_domains);
	tcase_add_test(t, test_undoes_every_failure);
	tcase_add_test(t, test_death_actions);
	tcase_add_test(t, test_restart_is_held_back);
	tcase_add_test(t, test_rename_restart_is_held_back);
	tcase_add_test(t, test_restart_that_fails);
	tcase_add_test(t, test_tells_what_happens);
	tcase_add_test(t, test_domain_that_vanishes);
	tcase_add_test(t, test_rename);
	tcase_add_test(t, test_console);
	tcase_add_test(t, test_console_input_waits_for_room);
	tcase_add_test(t, test_hostile_console);
	tcase_add_test(t, test_history_is_bounded);
	tcase_add_test(t, test_slow_reader_sees_the_last_words);
	tcase_add_test(t, test_destroy_shows_the_last_words);
	tcase_add_test(t, test_rubbish_from_clients);
	tcase_add_test(t, test_endless_line_ends_the_client);
	tcase_add_test(t, test_client_that_does_not_read);
	tcase_add_test(t, test_too_many_clients);
	tcase_add_test(t, test_upload);
	tcase_add_test(t, test_upload_refusals);
	tcase_add_test(t, test_upload_by_name);
	tcase_add_test(t, test_only_checks);
	tcase_add_test(t, test_upload_packed);
	tcase_add_test(t, test_own_memory);
	tcase_add_test(t, test_tuning);
	tcase_add_test(t, test_machine);
	tcase_add_test(t, test_soak);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
