/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device interrupts that belong to guests.
 *
 * Each has a vector of its own on all CPUs, and a `line` that says whose it is: so the handler finds
 * everything by one index. A domain names its lines by pirqs; its table gives the vector of each.
 *
 * A level-triggered line is masked when it arrives, and stays so until the guest says EOI: it would
 * come again at once, since its device is served only by the guest. Others need nothing.
 *
 * A line's byte lock guards what it says; the lock of an event channel is taken inside it. Lines are
 * given out and taken back, and tables changed, under map_lock. An interrupt is taken where no lock
 * is held (see traps.c), so neither needs to keep interrupts off.
 */
#include "hypervisor/services/pirq.h"

#include <stdatomic.h>

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/regs.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/hooks.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/byte_lock.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/msi.h"

/* Between the hypervisor's own vectors, and apart from those of the guests' gates. */
#define FIRST_VECTOR	0x40
#define LAST_VECTOR	0xdf
#define RESERVED	0xff
#define MAX_GSIS	(u32)NR_PIRQS

struct line {
	byte_lock_t lock;
	bool is_used, is_gsi;
	bool level, low;
	bool waits_for_eoi;		/* masked until then */
	u16 pirq;
	u32 gsi, port;			/* port 0: not bound */
	struct domain *domain;
	struct msi msi;
};

static struct line lines[LAST_VECTOR - FIRST_VECTOR + 1];

/* Guards the rest, and which lines are used. */
static struct spinlock map_lock = SPINLOCK_INIT("pirq", RANK_PIRQ);
static struct {
	bool is_known, level, low;
} gsi_modes[MAX_GSIS];

struct pirq_domain {
	_Atomic u8 vector[NR_PIRQS];	/* 0: means nothing; or RESERVED */
	_Atomic u64 *eoi_page;		/* the guest's, referenced; NULL until it gives one */
	bool eoi_unmasks;
};

static struct line *line_at(u32 vector)
{
	return vector >= FIRST_VECTOR && vector <= LAST_VECTOR ? &lines[vector - FIRST_VECTOR]
							       : NULL;
}

static u8 vector_of(const struct line *line)
{
	return (u8)(line - lines + FIRST_VECTOR);
}

/* Locked, or NULL when the number means nothing. */
static struct line *lock_line(struct domain *d, u32 pirq)
{
	struct line *line;

	if (pirq >= NR_PIRQS)
		return NULL;
	line = line_at(atomic_load(&d->pirqs->vector[pirq]));
	if (!line)
		return NULL;
	byte_lock(&line->lock);
	if (line->is_used && line->domain == d && line->pirq == pirq)
		return line;
	byte_unlock(&line->lock);
	return NULL;
}

bool pirq_is_mapped(struct domain *d, u32 pirq)
{
	return pirq < NR_PIRQS && line_at(atomic_load(&d->pirqs->vector[pirq]));
}

/* --- modes of GSIs ---------------------------------------------------------------------------- */

/* ISA interrupts as ACPI says, those beyond as PCI's are. */
static void learn_mode(u32 gsi)
{
	if (gsi_modes[gsi].is_known)
		return;
	gsi_modes[gsi].is_known = true;
	gsi_modes[gsi].level = gsi_modes[gsi].low = gsi >= ACPI_ISA_IRQS;
	for (u8 irq = 0; irq < ACPI_ISA_IRQS; irq++) {
		bool level, low;

		if (isa_irq_to_gsi(irq, &level, &low) == gsi) {
			gsi_modes[gsi].level = level;
			gsi_modes[gsi].low = low;
			return;
		}
	}
}

static struct line *find_gsi(u32 gsi)
{
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].is_used && lines[i].is_gsi && lines[i].gsi == gsi)
			return &lines[i];
	return NULL;
}

int pirq_setup_gsi(u32 gsi, bool level, bool low)
{
	struct line *line;
	int rc = 0;

	if (gsi >= MIN(ioapic_gsis(), MAX_GSIS))
		return -EINVAL;
	lock(&map_lock);
	line = find_gsi(gsi);
	if (line)
		byte_lock(&line->lock);
	if (line && line->port) {
		rc = -EEXIST;
	} else {
		gsi_modes[gsi].is_known = true;
		gsi_modes[gsi].level = level;
		gsi_modes[gsi].low = low;
		if (line) {
			line->level = level;
			line->low = low;
		}
	}
	if (line)
		byte_unlock(&line->lock);
	unlock(&map_lock);
	return rc;
}

/* --- giving and taking ------------------------------------------------------------------------ */

static struct line *find_free_line(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		if (!lines[i].is_used && vector_of(&lines[i]) != VEC_SYSTEM_CALL &&
		    vector_of(&lines[i]) != VEC_HYPERCALL)
			return &lines[i];
	return NULL;
}

/* The number asked for, or a free one: the GSI itself if it can be, others from the end. */
static int choose_pirq(struct pirq_domain *p, int wanted, u32 first_choice, u32 *pirq)
{
	if (wanted != PIRQ_ANY) {
		*pirq = (u32)wanted;
		if (*pirq >= NR_PIRQS)
			return -EINVAL;
		return line_at(atomic_load(&p->vector[*pirq])) ? -EEXIST : 0;
	}
	*pirq = first_choice;
	if (*pirq < NR_PIRQS && !atomic_load(&p->vector[*pirq]))
		return 0;
	for (*pirq = NR_PIRQS - 1; *pirq >= ioapic_gsis(); --*pirq)
		if (!atomic_load(&p->vector[*pirq]))
			return 0;
	return -ENOSPC;
}

int pirq_reserve(struct domain *d, bool for_gsi)
{
	u32 gsis = MIN(ioapic_gsis(), MAX_GSIS), pirq = for_gsi ? ACPI_ISA_IRQS : gsis;
	int rc;

	lock(&map_lock);
	while (pirq < gsis && atomic_load(&d->pirqs->vector[pirq]))
		pirq++;
	rc = choose_pirq(d->pirqs, PIRQ_ANY, pirq < gsis ? pirq : NR_PIRQS, &pirq);
	if (!rc)
		atomic_store(&d->pirqs->vector[pirq], RESERVED);
	unlock(&map_lock);
	return rc ? rc : (int)pirq;
}

/* Under map_lock; the line comes back locked. */
static int take_line(struct domain *d, int *pirq, u32 first_choice, struct line **out)
{
	struct line *line = find_free_line();
	u32 number;
	int rc = choose_pirq(d->pirqs, *pirq, first_choice, &number);

	if (rc)
		return rc;
	if (!line)
		return -ENOSPC;
	if (domain_is_dying(d))
		return -ESRCH;
	byte_lock(&line->lock);
	line->is_used = true;
	line->is_gsi = line->level = line->low = line->waits_for_eoi = false;
	line->domain = d;
	line->pirq = (u16)number;
	line->port = 0;
	atomic_store(&d->pirqs->vector[number], vector_of(line));
	*pirq = (int)number;
	*out = line;
	return 0;
}

static int map_gsi(struct domain *d, u32 gsi, int *pirq)
{
	struct line *line = find_gsi(gsi);
	int rc;

	if (line) {
		if (line->domain != d)
			return -EBUSY;
		if (*pirq != PIRQ_ANY && *pirq != line->pirq)
			return -EEXIST;
		*pirq = line->pirq;
		return 0;
	}
	/* One that is in use without a line is the hypervisor's own. */
	if (!ioapic_is_masked(gsi))
		return -EBUSY;
	rc = take_line(d, pirq, gsi, &line);
	if (rc)
		return rc;
	learn_mode(gsi);
	line->is_gsi = true;
	line->gsi = gsi;
	line->level = gsi_modes[gsi].level;
	line->low = gsi_modes[gsi].low;
	byte_unlock(&line->lock);
	return 0;
}

int pirq_map_gsi(struct domain *d, u32 gsi, int *pirq)
{
	int rc = -EINVAL;

	if (gsi >= MIN(ioapic_gsis(), MAX_GSIS))
		return rc;
	lock(&map_lock);
	rc = map_gsi(d, gsi, pirq);
	unlock(&map_lock);
	return rc;
}

int pirq_map_msi(struct domain *d, u16 bdf, bool is_x, u32 entry, int *pirq)
{
	struct line *line;
	struct msi msi;
	int rc = msi_find(&msi, bdf, is_x, entry);

	if (rc)
		return rc;
	lock(&map_lock);
	rc = take_line(d, pirq, NR_PIRQS, &line);
	if (!rc) {
		line->msi = msi;
		msi_route(&msi, vector_of(line), this_cpu()->id);
		byte_unlock(&line->lock);
	}
	unlock(&map_lock);
	return rc;
}

/* --- the guest's page of bits ----------------------------------------------------------------- */

static void mark_needs_eoi(struct domain *d, u32 pirq, bool needs)
{
	_Atomic u64 *word = d->pirqs->eoi_page ? &d->pirqs->eoi_page[pirq / 64] : NULL;

	if (word && needs)
		atomic_fetch_or(word, BIT(pirq % 64));
	else if (word)
		atomic_fetch_and(word, ~BIT(pirq % 64));
}

int pirq_set_eoi_page(struct domain *d, u64 gfn, bool eoi_unmasks)
{
	int rc = 0;

	if (!mfn_valid(gfn) || get_frame_and_type(mfn_to_frame(gfn), d, FT_WRITABLE))
		return -EINVAL;
	lock(&map_lock);
	if (d->pirqs->eoi_page || domain_is_dying(d)) {
		rc = -EBUSY;
	} else {
		d->pirqs->eoi_page = mfn_to_virt(gfn);
		d->pirqs->eoi_unmasks = eoi_unmasks;
	}
	unlock(&map_lock);
	if (rc) {
		put_frame_and_type(mfn_to_frame(gfn));
		return rc;
	}
	for (u32 pirq = 0; pirq < NR_PIRQS; pirq++)
		mark_needs_eoi(d, pirq, pirq_needs_eoi(d, pirq));
	return 0;
}

/* --- binding and delivery --------------------------------------------------------------------- */

static void stop_line(struct line *line)
{
	line->port = 0;
	line->waits_for_eoi = false;
	if (line->is_gsi)
		ioapic_mask(line->gsi);
}

int pirq_bind(struct domain *d, u32 pirq, u32 port)
{
	struct line *line = lock_line(d, pirq);
	int rc = 0;

	if (!line)
		return -EINVAL;
	if (line->port) {
		rc = -EEXIST;
	} else {
		line->port = port;
		mark_needs_eoi(d, pirq, line->level);
		if (line->is_gsi)
			rc = ioapic_route(line->gsi, vector_of(line), this_cpu()->id, line->level,
					  line->low);
	}
	byte_unlock(&line->lock);
	return rc;
}

void pirq_unbind(struct domain *d, u32 pirq, u32 port)
{
	struct line *line = lock_line(d, pirq);

	if (!line)
		return;
	if (line->port == port)
		stop_line(line);
	byte_unlock(&line->lock);
}

int pirq_unmap(struct domain *d, u32 pirq)
{
	struct line *line;

	lock(&map_lock);
	line = lock_line(d, pirq);
	if (line) {
		stop_line(line);
		if (!line->is_gsi)
			msi_stop(&line->msi);
		atomic_store(&d->pirqs->vector[pirq], 0);
		mark_needs_eoi(d, pirq, false);
		line->is_used = false;
		line->domain = NULL;
		byte_unlock(&line->lock);
	}
	unlock(&map_lock);
	return line ? 0 : -EINVAL;
}

void guest_irq(u32 vector)
{
	struct line *line = line_at(vector);

	if (!line) {
		apic_eoi();
		return;
	}
	byte_lock(&line->lock);
	/* Masked first: after the EOI it would be here again. */
	if (line->is_used && line->level) {
		ioapic_mask(line->gsi);
		line->waits_for_eoi = true;
	}
	apic_eoi();
	if (line->is_used && line->port)
		evtchn_send_pirq(line->domain, line->port, line->pirq);
	byte_unlock(&line->lock);
}

int pirq_eoi(struct domain *d, u32 pirq)
{
	struct line *line = lock_line(d, pirq);
	u32 port;

	if (!line)
		return -EINVAL;
	port = line->port;
	if (line->waits_for_eoi && port)
		ioapic_unmask(line->gsi);
	line->waits_for_eoi = false;
	byte_unlock(&line->lock);
	if (port && d->pirqs->eoi_unmasks)
		evtchn_unmask(port);
	return 0;
}

void pirq_eoi_unmasked(struct domain *d)
{
	for (u32 pirq = 0; pirq < NR_PIRQS; pirq++) {
		struct line *line = lock_line(d, pirq);
		u32 port;

		if (!line)
			continue;
		port = line->waits_for_eoi ? line->port : 0;
		byte_unlock(&line->lock);
		if (port && !evtchn_is_masked(d, port))
			(void)pirq_eoi(d, pirq);
	}
}

bool pirq_needs_eoi(struct domain *d, u32 pirq)
{
	struct line *line = lock_line(d, pirq);
	bool needs = line && line->level;

	if (line)
		byte_unlock(&line->lock);
	return needs;
}

/* --- a domain's life -------------------------------------------------------------------------- */

static int create_hook(struct domain *d)
{
	d->pirqs = kalloc(sizeof(*d->pirqs));
	return d->pirqs ? 0 : -ENOMEM;
}

static int kill_hook(struct domain *d)
{
	void *page;

	for (u32 pirq = 0; pirq < NR_PIRQS; pirq++)
		if (pirq_is_mapped(d, pirq))
			pirq_unmap(d, pirq);
	lock(&map_lock);
	page = (void *)d->pirqs->eoi_page;
	d->pirqs->eoi_page = NULL;
	unlock(&map_lock);
	if (page)
		put_frame_and_type(mfn_to_frame(virt_to_mfn(page)));
	return 0;
}

static void destroy_hook(struct domain *d)
{
	kfree(d->pirqs);
	d->pirqs = NULL;
}

const struct domain_hooks pirq_hooks = {
	.domain_create = create_hook,
	.domain_kill = kill_hook,
	.domain_destroy = destroy_hook,
};
