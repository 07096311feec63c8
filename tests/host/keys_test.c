/* SPDX-License-Identifier: GPL-2.0-only */
/* Console input: who gets what is typed, and that debug keys run later, once, in order. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/power.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/control/keys.h"
#include "hypervisor/domain/dump.h"
#include "hypervisor/hypercall/console_io.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/grant.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_control.h"

static char given[256], printed[8192];
static unsigned virqs, raised, dumps;
static bool ring_full;
struct domain *dom0;

bool console_input_put(char c)
{
	if (!ring_full)
		given[strlen(given)] = c;
	return !ring_full;
}

void send_global_virq(u32 virq)
{
	ck_assert_uint_eq(virq, VIRQ_CONSOLE);
	virqs++;
}

void cpu_raise(struct percpu *cpu, enum cpu_work work)
{
	ck_assert_ptr_eq(cpu, cpu_table[0]);
	ck_assert_int_eq(work, CPU_WORK_KEY);
	raised++;
}

void hv_print(const char *fmt, ...)
{
	size_t len = strlen(printed);
	va_list args;

	va_start(args, fmt);
	vsnprintf(printed + len, sizeof(printed) - len, fmt, args);
	va_end(args);
}

void evtchn_dump(struct domain *d)
{
	(void)d;
	dumps++;
}

void grant_dump(struct domain *d)
{
	(void)d;
	dumps++;
}

void sched_dump(void)
{
	dumps++;
}

void dump_vcpu(struct vcpu *v, bool stack)
{
	(void)v, (void)stack;
	dumps++;
}

void print_regs(const struct regs *regs)
{
	(void)regs;
	dumps++;
}

void machine_reboot(void)
{
	ck_abort_msg("rebooted");
	__builtin_unreachable();
}

u32 ioapic_gsis(void)
{
	return 2;
}

u64 ioapic_read_entry(u32 gsi)
{
	return 0x100 + gsi;
}

u64 wallclock_seconds(void)
{
	return 4242;
}

ns_t sched_idle_time(u32 cpu)
{
	return cpu;
}

static void setup(void)
{
	fake_reset();
	dom0 = fake_domain(0, true, false, ~0u);
	dom0->vcpu[0]->info = dom0->shared->vcpu_info;
	fake_run(dom0);
	cpu_table[1]->vcpu = dom0->vcpu[0];
	memset(given, 0, sizeof(given));
	memset(printed, 0, sizeof(printed));
	virqs = raised = dumps = 0;
	ring_full = false;
}

static void teardown(void)
{
	fake_reset();
}

static void type(const char *text)
{
	for (; *text; text++)
		console_input(*text);
}

START_TEST(input_goes_to_the_control_domain)
{
	type("ls\r");
	ck_assert_str_eq(given, "ls\r");
	ck_assert_uint_eq(virqs, 3);
	ck_assert_uint_eq(raised, 0);
	/* One or two of the switch keys were meant for it. */
	type("\001a\001\001b");
	ck_assert_str_eq(given, "ls\r\001a\001\001b");
	ring_full = true;
	type("lost");
	ck_assert_uint_eq(virqs, 8);
}
END_TEST

START_TEST(switches_and_back)
{
	type("x\001\001\001mt");
	ck_assert_str_eq(given, "x");
	ck_assert_uint_eq(raised, 2);
	ck_assert_ptr_nonnull(strstr(printed, "console input to Paravane"));
	/* Nothing runs at the interrupt; then all, in order, once. */
	ck_assert_ptr_null(strstr(printed, "memory:"));
	debug_key_run();
	ck_assert_ptr_nonnull(strstr(printed, "memory:"));
	ck_assert_ptr_nonnull(strstr(printed, "wall clock 4242"));
	ck_assert(strstr(printed, "memory:") < strstr(printed, "wall clock"));
	printed[0] = '\0';
	debug_key_run();
	ck_assert_str_eq(printed, "");
	type("\001\001\001y");
	ck_assert_str_eq(given, "xy");
	ck_assert_ptr_nonnull(strstr(printed, "console input to dom0"));
}
END_TEST

START_TEST(floods_are_dropped)
{
	type("\001\001\001");
	printed[0] = '\0';
	for (int i = 0; i < 100; i++)
		type("m");
	debug_key_run();
	ck_assert_uint_eq(raised, 16);
	type("\001\001\001");
}
END_TEST

START_TEST(every_harmless_key_prints)
{
	debug_key('*');
	ck_assert_uint_ge(dumps, 4);
	ck_assert_ptr_nonnull(strstr(printed, "GSI 1: 0x101"));
	ck_assert_ptr_nonnull(strstr(printed, "d0: pv64 privileged"));
	ck_assert_ptr_nonnull(strstr(printed, "Paravane 4.17.0-paravane"));
	printed[0] = '\0';
	debug_key('h');
	ck_assert_ptr_nonnull(strstr(printed, "'R': reboot"));
	printed[0] = '\0';
	debug_key('Z');
	ck_assert_ptr_nonnull(strstr(printed, "no debug key 'Z'"));
	printed[0] = '\0';
	debug_key('\r');
	ck_assert_str_eq(printed, "");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("keys");
	TCase *t = tcase_create("keys");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, input_goes_to_the_control_domain);
	tcase_add_test(t, switches_and_back);
	tcase_add_test(t, floods_are_dropped);
	tcase_add_test(t, every_harmless_key_prints);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
