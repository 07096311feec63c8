/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System time: the TSC scaled by a record each CPU keeps, which its vCPUs' guests read as well.
 *
 * A record is made once and not changed, so now() takes no lock, and hypervisor and guest compute
 * the same nanosecond from the same tick. CPUs whose TSCs are in step share one record; then time
 * is monotonic across them, and guests are told so. One whose TSC is far off gets a record that is
 * shifted to agree with the platform's counter.
 */
#include "hypervisor/services/time.h"

#include <stdatomic.h>

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/time_scale.h"
#include "hypervisor/services/time_source.h"
#include "hypervisor/services/time_tsc.h"
#include "hypervisor/services/time_vcpu.h"
#include "pvabi/compat/xen.h"

#define SKEW_MAX	2000000		/* ns: more than calibration may drift until CPUs start */

struct time_cpu {
	struct time_record record;
} __aligned(64);

static struct time_cpu boot_time;	/* the first record; others copy it */
static u64 hz;
static struct time_source *source;
static struct {				/* when a CPU last compared both clocks */
	ns_t ns;
	u64 count;
} last_look;
static _Atomic bool is_unstable;	/* a CPU's TSC was not in step */

static struct {
	struct spinlock lock;		/* guards the rest, and the records in shared_info pages */
	u64 boot_ns;			/* since 1970, when system time was 0 */
} wallclock = { .lock = SPINLOCK_INIT("wall clock", RANK_TIME) };

ns_t now(void)
{
	const struct time_cpu *tc = this_cpu()->time;

	return likely(tc) ? record_ns_at(&tc->record, rdtsc()) : 0;
}

u64 ns_to_tsc(ns_t t)
{
	return record_tsc_at(&this_cpu()->time->record, t);
}

u64 tsc_khz(void)
{
	return hz / 1000;
}

/* --- start ------------------------------------------------------------------------------------ */

static void look(ns_t ns, u64 count)
{
	last_look.ns = ns;
	last_look.count = count;
}

void time_init(void)
{
	u64 seconds = rtc_read_seconds(), count;

	source = time_source_start();
	hz = time_source_measure_tsc(source);
	if (hz < 1000000)
		panic("the TSC runs at %lu Hz by the %s", hz, source->name);
	time_record_set_rate(&boot_time.record, hz);
	boot_time.record.serial = 1;
	count = time_source_sample(source, &boot_time.record.tsc);
	look(0, count);
	this_cpu()->time = &boot_time;
	wallclock.boot_ns = seconds * NS_PER_SECOND;
	log_info("TSC runs at %lu.%03lu MHz by the %s", hz / 1000000, hz / 1000 % 1000,
		 source->name);
	if (!seconds)
		log_warn("the real-time clock makes no sense: it is 1970");
}

/*
 * What this CPU's clock says beyond what the platform's counter says has passed since the last CPU
 * looked, in ns. A counter that wraps within less than the start of a CPU takes tells nothing.
 */
static s64 skew(u64 tsc, u64 count)
{
	u64 passed = (count - last_look.count) & source->mask;

	if (time_source_is_short(source))
		return 0;
	return (s64)(record_ns_at(&boot_time.record, tsc) - last_look.ns) -
	       (s64)(passed * NS_PER_SECOND / source->hz);
}

static void shift_record(struct time_cpu *tc, u32 cpu, s64 by)
{
	tc->record.ns -= by;
	tc->record.serial = cpu + 2;
	atomic_store(&is_unstable, true);
	log_warn("CPU %u: TSC is off by %ld us, corrected", cpu, by / 1000);
}

int time_cpu_init(u32 cpu)
{
	struct time_cpu *tc;
	u64 count, tsc;
	s64 by;

	if (this_cpu()->time)
		return 0;
	tc = kalloc(sizeof(*tc));
	if (!tc)
		return -ENOMEM;
	tc->record = boot_time.record;
	count = time_source_sample(source, &tsc);
	by = skew(tsc, count);
	if (by > SKEW_MAX || by < -SKEW_MAX)
		shift_record(tc, cpu, by);
	look(record_ns_at(&tc->record, tsc), count);
	this_cpu()->time = tc;
	return 0;
}

/* --- the guests' records ---------------------------------------------------------------------- */

/* Odd while the rest is written. x86 keeps the order of stores; the compiler must as well. */
static void write_record(struct vcpu_time_info *to, const struct time_record *r, u32 version)
{
	WRITE_ONCE(to->version, version | 1);
	atomic_signal_fence(memory_order_seq_cst);
	to->tsc_timestamp = r->tsc;
	to->system_time = r->ns;
	to->tsc_to_system_mul = r->mul;
	to->tsc_shift = r->shift;
	to->flags = atomic_load(&is_unstable) ? 0 : XEN_PVCLOCK_TSC_STABLE_BIT;
	atomic_signal_fence(memory_order_seq_cst);
	WRITE_ONCE(to->version, (version | 1) + 1);
}

/* The copy for user mode, through the guest's own mapping: odd, then all of it, then even. */
static void write_area(struct vcpu *v, const struct time_record *r)
{
	gva_t area = READ_ONCE(v->time_area);
	struct vcpu_time_info info = { 0 };
	u32 version = v->timers->area_version | 1;

	if (!area)
		return;
	v->timers->area_version = version + 1;
	write_record(&info, r, version);
	info.version = version;
	if (copy_to_guest(area, &version, sizeof(version)) ||
	    copy_to_guest(area, &info, sizeof(info))) {
		retry_in_kernel(v, VCPU_WORK_TIME);
		return;
	}
	version++;
	(void)!copy_to_guest(area, &version, sizeof(version));
}

/* The line that @v's guest is to compute by, here. */
static const struct time_record *record_for(const struct vcpu *v)
{
	return v->domain->emulates_tsc ? &v->domain->time->record : &this_cpu()->time->record;
}

void time_publish(struct vcpu *v)
{
	const struct time_record *r = record_for(v);

	write_record(&v->info->time, r, v->info->time.version + 1);
	v->timers->published = r->serial;
	write_area(v, r);
}

void time_republish(struct vcpu *v)
{
	v->timers->published = 0;
	if (v == current) {
		time_publish(v);
		return;
	}
	atomic_fetch_or(&v->work, VCPU_WORK_TIME);
	vcpu_kick(v);
}

void time_switch_in(struct vcpu *v)
{
	struct timer_vcpu *tv = v->timers;

	if (v->is_idle)
		return;
	if (tv->published != record_for(v)->serial)
		time_publish(v);
	if (atomic_load_explicit(&tv->period, memory_order_relaxed))
		vcpu_periodic_catch_up(v);
}

/* --- wall clock ------------------------------------------------------------------------------- */

/* As write_record(), for whichever layout: the fields have the same meaning. */
#define WRITE_WALLCLOCK(s, ns, sec_hi)						\
	do {									\
		u32 version_ = (s)->wc_version | 1;				\
										\
		WRITE_ONCE((s)->wc_version, version_);				\
		atomic_signal_fence(memory_order_seq_cst);			\
		(s)->wc_sec = (u32)((ns) / NS_PER_SECOND);			\
		(s)->wc_nsec = (u32)((ns) % NS_PER_SECOND);			\
		(s)->sec_hi = (u32)((ns) / NS_PER_SECOND >> 32);		\
		atomic_signal_fence(memory_order_seq_cst);			\
		WRITE_ONCE((s)->wc_version, version_ + 1);			\
	} while (0)

/* The domain may be dying, and its page with it. */
void wallclock_publish(struct domain *d)
{
	struct shared_info *shared = READ_ONCE(d->shared);
	u64 ns;

	if (!get_shared_page(shared, d))
		return;
	lock(&wallclock.lock);
	ns = wallclock.boot_ns + (u64)d->time_offset_seconds * NS_PER_SECOND;
	if (d->is_pv32)
		WRITE_WALLCLOCK((struct compat_shared_info *)shared, ns, arch.wc_sec_hi);
	else
		WRITE_WALLCLOCK(shared, ns, wc_sec_hi);
	unlock(&wallclock.lock);
	put_shared_page(shared);
}

void wallclock_set(u64 seconds, u32 nanoseconds, ns_t at_system_time)
{
	struct domain *d;

	lock(&wallclock.lock);
	wallclock.boot_ns = seconds * NS_PER_SECOND + nanoseconds - at_system_time;
	unlock(&wallclock.lock);
	for_each_domain(d)
		wallclock_publish(d);
}

u64 wallclock_seconds(void)
{
	u64 boot_ns;

	lock(&wallclock.lock);
	boot_ns = wallclock.boot_ns;
	unlock(&wallclock.lock);
	return (boot_ns + now()) / NS_PER_SECOND;
}
