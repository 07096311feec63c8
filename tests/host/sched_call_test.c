/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_op, set_timer_op and vcpu_op as guests of both widths call them: errors, order, effects. */
#include <string.h>

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/domain/context.h"
#include "hypervisor/domain/vcpu_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/time_vcpu.h"
#include "pvabi/compat/sched.h"
#include "pvabi/compat/vcpu.h"
#include "pvabi/sched.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_sched.h"

#define BAD_POINTER	16

static struct sim_vcpu *v0, *v1;
static struct domain *d;
static int context_result, continued;
static unsigned infos_moved;

/* --- what the decoders call beside the scheduler ---------------------------------------------- */

bool guest_is_pv32(void)
{
	return current->domain->is_pv32;
}

long hypercall_continue(unsigned nargs, const u64 *args)
{
	ck_assert_uint_eq(nargs, 3);
	ck_assert_uint_eq(args[0], VCPUOP_initialise);
	continued++;
	return 77;
}

long subop_dispatch(const struct subop *rows, unsigned nr, u32 cmd, u64 arg)
{
	u64 buffer[SUBOP_SIZE_MAX / 8];

	for (unsigned i = 0; i < nr; i++)
		if (rows[i].cmd == cmd)
			return copy_from_guest(buffer, arg, rows[i].size) ? -EFAULT
									  : rows[i].run(buffer);
	return -ENOSYS;
}

int vcpu_set_context(struct vcpu *v, gva_t ctxt)
{
	(void)ctxt;
	if (context_result || v->is_initialised)
		return context_result ? context_result : -EEXIST;
	v->is_initialised = true;
	return 0;
}

int vcpu_register_info(struct vcpu *v, mfn_t mfn, u32 offset)
{
	(void)v;
	return mfn == 5 && offset == 64 ? 0 : -EINVAL;
}

void evtchn_vcpu_info_moved(struct vcpu *v)
{
	(void)v;
	infos_moved++;
}

/* --- a domain with two vCPUs, the first on CPU 0 and calling ---------------------------------- */

/* All pending work done; then the first vCPU calls again. */
static void settle(void)
{
	sim_settle();
	sim_on_cpu(v0->v.processor);
}

static void start(void)
{
	sim_start(2);
	d = sim_domain(256, 0, 3);
	v0 = sim_add(d, 0, 0);
	v1 = sim_add(d, 0, 0);
	settle();
	context_result = continued = 0;
	infos_moved = 0;
}

static u64 at(const void *p)
{
	return (u64)p;
}

static long sched_call(u32 cmd, const void *arg)
{
	return do_sched_op(cmd, at(arg));
}

static long vcpu_call(u32 cmd, unsigned id, const void *arg)
{
	return do_vcpu_op(cmd, id, at(arg));
}

START_TEST(test_sched_op_errors)
{
	struct sched_watchdog dog = { .id = 9 };
	struct sched_remote_shutdown remote = { .domain_id = 1, .reason = 3 };
	struct sched_pin_override pin = { .pcpu = 0 };
	const u32 with_argument[] = { SCHEDOP_shutdown, SCHEDOP_poll, SCHEDOP_remote_shutdown,
				      SCHEDOP_shutdown_code, SCHEDOP_watchdog };

	start();
	ck_assert_int_eq(sched_call(SCHEDOP_yield, (void *)BAD_POINTER), 0);
	ck_assert_int_eq(sched_call(8, &dog), -ENOSYS);
	ck_assert_int_eq(sched_call(~0u, &dog), -ENOSYS);
	for (unsigned i = 0; i < ARRAY_SIZE(with_argument); i++)
		ck_assert_int_eq(sched_call(with_argument[i], (void *)BAD_POINTER), -EFAULT);
	ck_assert_int_eq(sched_call(SCHEDOP_watchdog, &dog), -EINVAL);
	/* Only the privileged: shutting others down, and before the argument is read, pinning. */
	ck_assert_int_eq(sched_call(SCHEDOP_remote_shutdown, &remote), -EPERM);
	remote.domain_id = 99;
	ck_assert_int_eq(sched_call(SCHEDOP_remote_shutdown, &remote), -ESRCH);
	ck_assert_int_eq(sched_call(SCHEDOP_pin_override, (void *)BAD_POINTER), -EPERM);
	d->is_privileged = true;
	ck_assert_int_eq(sched_call(SCHEDOP_pin_override, (void *)BAD_POINTER), -EFAULT);
	ck_assert_int_eq(sched_call(SCHEDOP_pin_override, &pin), 0);
	remote.domain_id = 1;
	ck_assert_int_eq(sched_call(SCHEDOP_remote_shutdown, &remote), 0);
	ck_assert_uint_eq(sim_shutdown_reason, 3);
	ck_assert_uint_eq(atomic_load(&d->refs), 0);	/* what was taken was given back */
	ck_assert_int_eq(do_sched_op_compat(SCHEDOP_poll, 0), -ENOSYS);
	ck_assert_int_eq(do_sched_op_compat(SCHEDOP_shutdown, 1), 0);
	ck_assert_uint_eq(sim_shutdown_reason, 1);
	sim_stop();
}
END_TEST

START_TEST(test_announced_shutdown)
{
	struct sched_shutdown op = { .reason = SHUTDOWN_suspend };

	start();
	ck_assert_int_eq(sched_call(SCHEDOP_shutdown_code, &op), 0);
	op.reason = SHUTDOWN_crash;
	ck_assert_int_eq(sched_call(SCHEDOP_shutdown, &op), 0);
	ck_assert_uint_eq(sim_shutdown_reason, SHUTDOWN_suspend);
	sim_stop();
}
END_TEST

START_TEST(test_poll_decoding)
{
	u32 ports[129] = { 3 };
	struct sched_poll op = { .nr_ports = 129 };
	struct compat_sched_poll compat = { .nr_ports = 129 };

	start();
	v0->info.evtchn_upcall_mask = 1;
	set_xen_guest_handle(op.ports, ports);
	ck_assert_int_eq(sched_call(SCHEDOP_poll, &op), -EINVAL);
	op.nr_ports = 1;
	sim_pending_ports = 1 << 3;
	ck_assert_int_eq(sched_call(SCHEDOP_poll, &op), 0);
	set_xen_guest_handle(op.ports, (u32 *)BAD_POINTER);
	ck_assert_int_eq(sched_call(SCHEDOP_poll, &op), -EFAULT);
	op.nr_ports = 0;
	op.timeout = sim_now + MS(2);
	ck_assert_int_eq(sched_call(SCHEDOP_poll, &op), 0);
	sim_run(MS(1));
	ck_assert_int_eq(v0->v.runstate.state, RUNSTATE_blocked);
	sim_run(MS(2));
	ck_assert_int_eq(v0->v.runstate.state, RUNSTATE_running);
	sim_on_cpu(v0->v.processor);
	d->is_pv32 = true;
	ck_assert_int_eq(sched_call(SCHEDOP_poll, &compat), -EINVAL);
	compat.nr_ports = 1;
	compat.ports.c = BAD_POINTER;
	ck_assert_int_eq(sched_call(SCHEDOP_poll, &compat), -EFAULT);
	sim_stop();
}
END_TEST

START_TEST(test_set_timer_op)
{
	struct timer *t;

	start();
	sim_run(MS(1));
	sim_on_cpu(v0->v.processor);
	t = &v0->v.timers->singleshot;
	ck_assert_int_eq(do_set_timer_op(sim_now + MS(5)), 0);
	ck_assert_uint_eq(timer_expires(t), sim_now + MS(5));
	ck_assert_int_eq(compat_set_timer_op(MS(7), 0), 0);
	ck_assert_uint_eq(timer_expires(t), MS(7));
	ck_assert_int_eq(do_set_timer_op(0), 0);
	ck_assert(!timer_is_set(t));
	ck_assert_int_eq(do_set_timer_op(1), 0);	/* past: at once */
	ck_assert_uint_eq(sim_virqs, 1);
	/* Absurd: negative, or two weeks ahead. */
	ck_assert_int_eq(do_set_timer_op(1ull << 63), 0);
	ck_assert_uint_eq(timer_expires(t), sim_now + MS(100));
	ck_assert_int_eq(compat_set_timer_op(0, 1 << 19), 0);
	ck_assert_uint_eq(timer_expires(t), sim_now + MS(100));
	sim_stop();
}
END_TEST

START_TEST(test_vcpu_op_errors)
{
	struct vcpu_set_periodic_timer period = { .period_ns = 999999 };
	struct vcpu_set_singleshot_timer shot = { 1, VCPU_SSHOTTMR_future };
	struct vcpu_register_vcpu_info info = { .mfn = 4 };
	struct vcpu_get_physid physid;
	cpumask_t one = 1;

	start();
	sim_run(MS(1));
	sim_on_cpu(v0->v.processor);
	ck_assert_int_eq(vcpu_call(VCPUOP_is_up, 2, NULL), -ENOENT);
	ck_assert_int_eq(vcpu_call(VCPUOP_is_up, 3, NULL), -ENOENT);
	ck_assert_int_eq(vcpu_call(14, 0, NULL), -ENOSYS);
	ck_assert_int_eq(vcpu_call(VCPUOP_set_periodic_timer, 0, (void *)BAD_POINTER), -EFAULT);
	ck_assert_int_eq(vcpu_call(VCPUOP_set_periodic_timer, 0, &period), -EINVAL);
	ck_assert_int_eq(vcpu_call(VCPUOP_set_singleshot_timer, 1, &shot), -EINVAL);
	ck_assert_int_eq(vcpu_call(VCPUOP_set_singleshot_timer, 0, &shot), 0);
	ck_assert_int_eq(vcpu_call(VCPUOP_stop_singleshot_timer, 1, NULL), -EINVAL);
	ck_assert_int_eq(vcpu_call(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
	ck_assert_int_eq(vcpu_call(VCPUOP_register_vcpu_info, 0, (void *)BAD_POINTER), -EFAULT);
	ck_assert_int_eq(vcpu_call(VCPUOP_register_vcpu_info, 0, &info), -EINVAL);
	ck_assert_uint_eq(infos_moved, 0);
	info = (struct vcpu_register_vcpu_info){ .mfn = 5, .offset = 64 };
	ck_assert_int_eq(vcpu_call(VCPUOP_register_vcpu_info, 0, &info), 0);
	ck_assert_uint_eq(infos_moved, 1);
	ck_assert_int_eq(vcpu_call(VCPUOP_send_nmi, 1, &info), -EINVAL);
	ck_assert_int_eq(vcpu_call(VCPUOP_send_nmi, 1, NULL), 0);
	ck_assert_uint_eq(atomic_load(&v1->v.work), VCPU_WORK_NMI);
	/* An unprivileged domain, then one whose vCPU may move, then one pinned for good. */
	ck_assert_int_eq(vcpu_call(VCPUOP_get_physid, 0, &physid), -EINVAL);
	d->is_privileged = true;
	ck_assert_int_eq(vcpu_call(VCPUOP_get_physid, 0, &physid), -EINVAL);
	ck_assert_int_eq(sched_set_affinity(&v0->v, &one, NULL), 0);
	cpu_table[0]->apic_id = 6;
	cpu_table[0]->acpi_id = 7;
	settle();
	ck_assert_int_eq(vcpu_call(VCPUOP_get_physid, 0, &physid), 0);
	ck_assert_uint_eq(physid.phys_id, 7ull << 32 | 6);
	sim_stop();
}
END_TEST

START_TEST(test_up_and_down)
{
	start();
	ck_assert_int_eq(vcpu_call(VCPUOP_is_up, 1, NULL), 1);
	ck_assert_int_eq(vcpu_call(VCPUOP_down, 1, NULL), 0);
	settle();
	ck_assert_int_eq(vcpu_call(VCPUOP_is_up, 1, NULL), 0);
	ck_assert_int_eq(v1->v.runstate.state, RUNSTATE_offline);
	ck_assert_int_eq(vcpu_call(VCPUOP_down, 1, NULL), 0);
	ck_assert_uint_eq(sim_shutdown_reason, ~0u);
	ck_assert_int_eq(vcpu_call(VCPUOP_initialise, 1, NULL), -EEXIST);
	v1->v.is_initialised = false;
	ck_assert_int_eq(vcpu_call(VCPUOP_up, 1, NULL), -EINVAL);
	context_result = -EFAULT;
	ck_assert_int_eq(vcpu_call(VCPUOP_initialise, 1, NULL), -EFAULT);
	context_result = -ERESTART;
	ck_assert_int_eq(vcpu_call(VCPUOP_initialise, 1, NULL), 77);
	ck_assert_int_eq(continued, 1);
	context_result = 0;
	atomic_store(&v1->v.is_being_initialised, true);	/* another vCPU is at it: try again */
	ck_assert_int_eq(vcpu_call(VCPUOP_initialise, 1, NULL), 77);
	atomic_store(&v1->v.is_being_initialised, false);
	ck_assert_int_eq(vcpu_call(VCPUOP_initialise, 1, NULL), 0);
	ck_assert_int_eq(vcpu_call(VCPUOP_up, 1, NULL), 0);
	settle();
	ck_assert_int_eq(v1->v.runstate.state, RUNSTATE_running);
	/* The last one to go takes the domain with it. */
	ck_assert_int_eq(vcpu_call(VCPUOP_down, 1, NULL), 0);
	settle();
	ck_assert_int_eq(vcpu_call(VCPUOP_down, 0, NULL), 0);
	ck_assert_uint_eq(sim_shutdown_reason, SHUTDOWN_poweroff);
	sim_stop();
}
END_TEST

START_TEST(test_areas)
{
	struct vcpu_runstate_info info = { .state = 99 };
	struct compat_vcpu_runstate_info compat;
	struct vcpu_register_runstate_memory_area area = { .addr.p = at(&info) };
	u64 beyond = 0xffff800000000000;

	start();
	sim_run(MS(3));
	sim_on_cpu(v0->v.processor);
	ck_assert_int_eq(vcpu_call(VCPUOP_get_runstate_info, 0, (void *)BAD_POINTER), -EFAULT);
	ck_assert_int_eq(vcpu_call(VCPUOP_get_runstate_info, 0, &info), 0);
	ck_assert_uint_eq(info.time[RUNSTATE_running], MS(3));
	ck_assert_int_eq(vcpu_call(VCPUOP_register_runstate_memory_area, 0, &beyond), -EFAULT);
	ck_assert_int_eq(vcpu_call(VCPUOP_register_vcpu_time_memory_area, 0, &beyond), -EFAULT);
	info.state = 99;
	ck_assert_int_eq(vcpu_call(VCPUOP_register_runstate_memory_area, 0, &area), 0);
	ck_assert_int_eq(info.state, RUNSTATE_running);
	v0->v.runstate_area = 0;
	d->is_pv32 = true;
	ck_assert_int_eq(vcpu_call(VCPUOP_get_runstate_info, 1, &compat), 0);
	ck_assert_int_eq(compat.state, RUNSTATE_running);
	ck_assert_uint_eq(compat.time[RUNSTATE_running], MS(3));
	sim_stop();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sched_call");
	TCase *tc = tcase_create("sched_call");

	tcase_add_test(tc, test_sched_op_errors);
	tcase_add_test(tc, test_announced_shutdown);
	tcase_add_test(tc, test_poll_decoding);
	tcase_add_test(tc, test_set_timer_op);
	tcase_add_test(tc, test_vcpu_op_errors);
	tcase_add_test(tc, test_up_and_down);
	tcase_add_test(tc, test_areas);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
