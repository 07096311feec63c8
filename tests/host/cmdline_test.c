/* SPDX-License-Identifier: GPL-2.0-only */
/* boot/params.c: every option, and words that are none. */
#include "hypervisor/boot/params.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hypervisor/arch/console.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/power.h"
#include "hypervisor/boot/dom0.h"
#include "hypervisor/services/time_source.h"
#include "tests/host/check_main.h"

/* The variables of other folders that options set. */
char opt_console[64];
char opt_com[2][64];
bool opt_sync_console, opt_noreboot, opt_pv_linear_pt = true;
u64 opt_conring_size;
struct log_threshold opt_loglvl, opt_guest_loglvl;
char opt_clocksource[8];

static char warnings[1024];

void hv_log(enum log_level level, const char *fmt, ...)
{
	size_t n = strlen(warnings);
	va_list args;

	ck_assert_int_eq(level, LOG_WARN);
	va_start(args, fmt);
	vsnprintf(warnings + n, sizeof(warnings) - n, fmt, args);
	va_end(args);
}

static void parse(const char *cmdline)
{
	warnings[0] = '\0';
	params_parse(cmdline);
}

static void expect_fine(const char *cmdline)
{
	parse(cmdline);
	ck_assert_str_eq(warnings, "");
}

static void expect_warning(const char *cmdline, const char *what)
{
	parse(cmdline);
	ck_assert_msg(strstr(warnings, what), "\"%s\" warned: \"%s\"", cmdline, warnings);
}

START_TEST(nothing)
{
	expect_fine("");
	expect_fine("   \t ");
}
END_TEST

START_TEST(consoles)
{
	expect_fine("console=com1,vga com1=115200,8n1,0x3f8,4  com2=auto");
	expect_fine("sync_console conring_size=1M");
	ck_assert_str_eq(opt_console, "com1,vga");
	ck_assert_str_eq(opt_com[0], "115200,8n1,0x3f8,4");
	ck_assert_str_eq(opt_com[1], "auto");
	ck_assert(opt_sync_console);
	ck_assert_uint_eq(opt_conring_size, MiB(1));
	expect_fine("conring_size=32");
	ck_assert_uint_eq(opt_conring_size, KiB(32));
}
END_TEST

START_TEST(flags)
{
	static const char *const on[] = { "noreboot", "noreboot=1", "noreboot=yes", "noreboot=on",
					  "noreboot=true" };
	static const char *const off[] = { "noreboot=0", "noreboot=no", "noreboot=off",
					   "noreboot=false", "no-noreboot" };

	for (unsigned i = 0; i < 5; i++) {
		opt_noreboot = false;
		expect_fine(on[i]);
		ck_assert(opt_noreboot);
		expect_fine(off[i]);
		ck_assert(!opt_noreboot);
	}
	expect_warning("noreboot=maybe", "\"noreboot=maybe\" makes no sense");
	expect_fine("no-pv-linear-pt");
	ck_assert(!opt_pv_linear_pt);
	expect_fine("pv-linear-pt");
	ck_assert(opt_pv_linear_pt);
}
END_TEST

static void expect_level(const char *cmdline, int always, int limited)
{
	expect_fine(cmdline);
	ck_assert_int_eq(opt_loglvl.always, always);
	ck_assert_int_eq(opt_loglvl.limited, limited);
}

START_TEST(log_levels)
{
	expect_level("loglvl=none", 0, 0);
	expect_level("loglvl=error", 1, 1);
	expect_level("loglvl=all", 4, 4);
	expect_level("loglvl=none/warning", 0, 2);
	expect_level("loglvl=info/debug", 3, 4);
	expect_level("loglvl=debug/error", 4, 4);
	expect_fine("guest_loglvl=error/all");
	ck_assert_int_eq(opt_guest_loglvl.always, 1);
	ck_assert_int_eq(opt_guest_loglvl.limited, 4);
	expect_warning("loglvl=loud", "makes no sense");
	expect_warning("loglvl=", "makes no sense");
	expect_warning("loglvl=info/", "makes no sense");
	expect_warning("loglvl=informal", "makes no sense");
}
END_TEST

START_TEST(memory_of_the_control_domain)
{
	expect_fine("dom0_mem=128M");
	ck_assert_int_eq(opt_dom0_mem.size, (s64)MiB(128));
	ck_assert_int_eq(opt_dom0_mem.min, 0);
	expect_fine("dom0_mem=65536");
	ck_assert_int_eq(opt_dom0_mem.size, (s64)MiB(64));
	expect_fine("dom0_mem=1G,min:256M,max:2G");
	ck_assert_int_eq(opt_dom0_mem.size, (s64)GiB(1));
	ck_assert_int_eq(opt_dom0_mem.min, (s64)MiB(256));
	ck_assert_int_eq(opt_dom0_mem.max, (s64)GiB(2));
	expect_fine("dom0_mem=-128M");
	ck_assert_int_eq(opt_dom0_mem.size, -(s64)MiB(128));
	expect_fine("dom0_mem=max:512M");
	ck_assert_int_eq(opt_dom0_mem.size, 0);
	ck_assert_int_eq(opt_dom0_mem.max, (s64)MiB(512));
}
END_TEST

/* A value that makes no sense changes nothing. */
START_TEST(broken_sizes)
{
	static const char *const bad[] = {
		"dom0_mem=", "dom0_mem=x", "dom0_mem=12Q", "dom0_mem=1M,", "dom0_mem=-",
		"dom0_mem=99999999999999T",
	};

	expect_fine("dom0_mem=7M");
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_warning(bad[i], "makes no sense");
		ck_assert_int_eq(opt_dom0_mem.size, (s64)MiB(7));
	}
}
END_TEST

START_TEST(numbers)
{
	expect_fine("maxcpus=4 dom0_max_vcpus=2");
	ck_assert_uint_eq(opt_maxcpus, 4);
	ck_assert_uint_eq(opt_dom0_max_vcpus, 2);
	expect_fine("dom0_max_vcpus=1-3");
	ck_assert_uint_eq(opt_dom0_max_vcpus, 3);
	expect_warning("maxcpus=many", "makes no sense");
	expect_warning("maxcpus=4294967296", "makes no sense");
	expect_warning("maxcpus", "makes no sense");
	ck_assert_uint_eq(opt_maxcpus, 4);
}
END_TEST

START_TEST(watchdog)
{
	expect_fine("watchdog");
	ck_assert_uint_eq(opt_watchdog, 5);
	expect_fine("watchdog=off");
	ck_assert_uint_eq(opt_watchdog, 0);
	expect_fine("watchdog=force");
	ck_assert_uint_eq(opt_watchdog, 5);
	expect_fine("no-watchdog");
	ck_assert_uint_eq(opt_watchdog, 0);
	expect_fine("watchdog_timeout=30");
	ck_assert_uint_eq(opt_watchdog, 30);
}
END_TEST

START_TEST(unknown_words_are_named)
{
	expect_warning("loglvl=all bogus=1", "unknown option \"bogus=1\"");
	expect_warning("no-such", "unknown option \"no-such\"");
	expect_warning("=", "unknown option \"=\"");
	expect_warning("nomaxcpus", "unknown option \"nomaxcpus\"");
}
END_TEST

/* Cut, not overrun. */
START_TEST(long_words)
{
	char line[600] = "console=";

	memset(line + 8, 'x', 500);
	expect_warning(line, "makes no sense");
	memset(line, 'y', 500);
	expect_warning(line, "unknown option \"yyyy");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("cmdline");
	TCase *t = tcase_create("cmdline");

	tcase_add_test(t, nothing);
	tcase_add_test(t, consoles);
	tcase_add_test(t, flags);
	tcase_add_test(t, log_levels);
	tcase_add_test(t, memory_of_the_control_domain);
	tcase_add_test(t, broken_sizes);
	tcase_add_test(t, numbers);
	tcase_add_test(t, watchdog);
	tcase_add_test(t, unknown_words_are_named);
	tcase_add_test(t, long_words);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
