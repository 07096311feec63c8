/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of known frequency: HPET, ACPI PM timer, PIT; and the TSC measured against one. */
#include "hypervisor/services/time_source.h"

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/map.h"

/* So many counts are exact to 25 parts in a million, if a moment is long beside one read. */
#define MEASURE_COUNTS	40000ul
#define MEASURE_MS_MIN	5
#define SAMPLES		8
#define SHORT_TRIES	5	/* with a counter that wraps within some tens of ms */

char opt_clocksource[8];

/* --- HPET ------------------------------------------------------------------------------------- */

#define HPET_SIZE		0x400
#define HPET_PERIOD		0x004	/* femtoseconds */
#define HPET_CONFIG		0x010
#define HPET_CONFIG_ENABLE	0x1
#define HPET_COUNTER		0x0f0
#define HPET_PERIOD_MAX		100000000	/* 10 MHz at least, says the specification */

static u8 *hpet;

static u32 hpet_read32(u32 offset)
{
	return *(volatile u32 *)(hpet + offset);
}

static u64 hpet_read(void)
{
	return hpet_read32(HPET_COUNTER);
}

static bool hpet_start(struct time_source *s)
{
	u32 period;

	if (!acpi.hpet_address)
		return false;
	hpet = map_device(acpi.hpet_address, HPET_SIZE, MAP_RW | MAP_UNCACHED);
	if (!hpet)
		return false;
	period = hpet_read32(HPET_PERIOD);
	if (!period || period > HPET_PERIOD_MAX)
		return false;
	*(volatile u32 *)(hpet + HPET_CONFIG) = hpet_read32(HPET_CONFIG) | HPET_CONFIG_ENABLE;
	s->hz = 1000000000000000ull / period;
	return true;
}

/* --- PM timer --------------------------------------------------------------------------------- */

static u64 pm_timer_read(void)
{
	return inl((u16)acpi.pm_timer_port);
}

static bool pm_timer_start(struct time_source *s)
{
	s->mask = acpi.pm_timer_32bit ? 0xffffffff : 0xffffff;
	return acpi.pm_timer_port != 0;
}

/* --- PIT: channel 2, which drives nothing but the speaker ------------------------------------- */

#define PIT_CHANNEL2	0x42
#define PIT_COMMAND	0x43
#define PIT_LATCH2	0x80
#define PIT_SETUP2	0xb4	/* channel 2, both bytes, rate generator */
#define PORT_B		0x61
#define PORT_B_GATE2	0x01
#define PORT_B_SPEAKER	0x02

/* The channel counts down. */
static u64 pit_read(void)
{
	u8 low, high;

	outb(PIT_COMMAND, PIT_LATCH2);
	low = inb(PIT_CHANNEL2);
	high = inb(PIT_CHANNEL2);
	return 0xffff - (u32)(high << 8 | low);
}

static bool pit_start(struct time_source *s)
{
	(void)s;
	outb(PORT_B, (inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(PIT_COMMAND, PIT_SETUP2);
	outb(PIT_CHANNEL2, 0);
	outb(PIT_CHANNEL2, 0);
	return true;
}

/* --- choice and measurement ------------------------------------------------------------------- */

static struct time_source sources[] = {
	{ "HPET", "hpet", 0, 0xffffffff, hpet_start, hpet_read },
	{ "PM timer", "acpi", 3579545, 0xffffff, pm_timer_start, pm_timer_read },
	{ "PIT", "pit", 1193182, 0xffff, pit_start, pit_read },
};

/* A little work between two looks at a counter, which is slow to read, in an emulator above all. */
static void pause_between_reads(void)
{
	for (unsigned i = 0; i < 2000; i++)
		asm volatile("" : : : "memory");
}

static bool is_counting(const struct time_source *s)
{
	u64 first = s->read();

	for (unsigned i = 0; i < 1000; i++) {
		pause_between_reads();
		if (s->read() != first)
			return true;
	}
	return false;
}

static bool works(struct time_source *s)
{
	if (s->start(s) && is_counting(s))
		return true;
	log_info("%s: this machine has none that counts", s->name);
	return false;
}

static struct time_source *source_asked_for(void)
{
	if (!*opt_clocksource)
		return NULL;
	for (unsigned i = 0; i < ARRAY_SIZE(sources); i++)
		if (!strcmp(opt_clocksource, sources[i].option))
			return &sources[i];
	log_warn("no clock source is called \"%s\"", opt_clocksource);
	return NULL;
}

struct time_source *time_source_start(void)
{
	struct time_source *asked = source_asked_for();

	if (asked && works(asked))
		return asked;
	for (unsigned i = 0; i < ARRAY_SIZE(sources); i++)
		if (&sources[i] != asked && works(&sources[i]))
			return &sources[i];
	panic("no clock: neither HPET, PM timer nor PIT counts");
}

u64 time_source_sample(const struct time_source *s, u64 *tsc)
{
	u64 best = ~0ull, count = 0;

	for (unsigned i = 0; i < SAMPLES; i++) {
		u64 before = rdtsc(), c = s->read(), took = rdtsc() - before;

		if (took >= best)
			continue;
		best = took;
		count = c;
		*tsc = before + took / 2;
	}
	return count;
}

static u64 measure_tsc(const struct time_source *s)
{
	u64 counts = MAX(MEASURE_COUNTS, s->hz * MEASURE_MS_MIN / 1000);
	u64 tsc0, tsc1, count0 = time_source_sample(s, &tsc0), count1;

	while (((s->read() - count0) & s->mask) < counts)
		pause_between_reads();
	count1 = time_source_sample(s, &tsc1);
	return tsc_hz_from(tsc1 - tsc0, (count1 - count0) & s->mask, s->hz);
}

/*
 * Who is stopped while the counter wraps unseen (by firmware, or by who runs us as a virtual machine)
 * finds too high a frequency, never one too low.
 */
u64 time_source_measure_tsc(const struct time_source *s)
{
	u64 lowest = measure_tsc(s);

	for (unsigned i = 1; i < SHORT_TRIES && time_source_is_short(s); i++)
		lowest = MIN(lowest, measure_tsc(s));
	return lowest;
}
