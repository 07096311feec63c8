/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TSC of each domain. Mostly it is the machine's, which guests read by themselves. An emulated
 * one is a straight line of its own over system time, at a rate and from a value that the control
 * domain chooses (so it goes on where it was after a restore elsewhere); RDTSC then traps, and the
 * time records name that line, so the guest's system time stays the same as everybody's.
 */
#include "hypervisor/services/time_tsc.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/time.h"

#define KHZ_MIN	1000
#define KHZ_MAX	32000000

/* Apart from those of CPUs, which are small. */
static _Atomic u32 next_serial = 1u << 31;

static void emulate(struct time_domain *td, u32 khz, ns_t elapsed)
{
	struct time_record r = { 0 };

	time_record_set_rate(&r, khz * 1000ull);
	r.tsc = ns_to_ticks(&r, elapsed);
	r.ns = now();
	r.serial = atomic_fetch_add(&next_serial, 1);
	td->record = r;
	td->khz = khz;
}

int tsc_set(struct domain *d, const struct tsc_state *state)
{
	u32 khz = state->khz ? state->khz : (u32)tsc_khz();
	struct time_domain *td = d->time;
	struct vcpu *v;

	if (state->mode > TSC_MODE_NEVER_EMULATE || khz < KHZ_MIN || khz > KHZ_MAX)
		return -EINVAL;
	td->mode = state->mode;
	td->incarnation = state->incarnation;
	if (state->mode == TSC_MODE_ALWAYS_EMULATE ||
	    (state->mode == TSC_MODE_DEFAULT && khz != tsc_khz()))
		emulate(td, khz, state->elapsed);
	else
		td->record.serial = 0;
	d->emulates_tsc = td->record.serial != 0;
	for_each_vcpu(d, v)
		time_republish(v);
	return 0;
}

void tsc_get(const struct domain *d, struct tsc_state *state)
{
	const struct time_domain *td = d->time;
	const struct time_record *own = &td->record;

	state->mode = td->mode;
	state->incarnation = td->incarnation;
	state->khz = d->emulates_tsc ? td->khz : (u32)tsc_khz();
	state->elapsed = d->emulates_tsc ? now() - own->ns + ticks_to_ns(own, own->tsc) : now();
}

u64 guest_tsc(const struct vcpu *v)
{
	const struct domain *d = v->domain;

	return d->emulates_tsc ? record_ticks_at(&d->time->record, now()) : rdtsc();
}

/* --- CPUID ------------------------------------------------------------------------------------ */

#define TSC_EMULATED	0x1
#define TSC_RELIABLE	0x2
#define TSC_WITH_RDTSCP	0x4

static void describe_line(const struct time_record *r, struct cpuid_regs *out)
{
	u64 offset = r->ns - ticks_to_ns(r, r->tsc);

	out->eax = (u32)offset;
	out->ebx = (u32)(offset >> 32);
	out->ecx = r->mul;
	out->edx = (u32)r->shift;
}

static void describe_state(const struct domain *d, struct cpuid_regs *out)
{
	struct tsc_state state;

	tsc_get(d, &state);
	out->eax = (d->emulates_tsc ? TSC_EMULATED : 0) |
		   (cpu_has.invariant_tsc ? TSC_RELIABLE : 0) |
		   (cpu_has.rdtscp ? TSC_WITH_RDTSCP : 0);
	out->ebx = state.mode;
	out->ecx = state.khz;
	out->edx = state.incarnation;
}

void tsc_cpuid(const struct domain *d, u32 subleaf, struct cpuid_regs *r)
{
	if (subleaf == 0)
		describe_state(d, r);
	else if (subleaf == 1 && d->emulates_tsc)
		describe_line(&d->time->record, r);
	else if (subleaf == 2)
		r->eax = (u32)tsc_khz();
}
