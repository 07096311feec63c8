/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which domains have shut down or gone since the control domain asked: one bit for each id, so that
 * hearing of a death costs the same however many domains there are.
 */
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/bitmap.h"

#define IDS	DOMID_FIRST_RESERVED

static _Atomic u64 changed[BITMAP_WORDS(IDS)];

void domain_changed(const struct domain *d)
{
	atomic_fetch_or(&changed[d->id / BITS_PER_WORD], BIT(d->id % BITS_PER_WORD));
	send_global_virq(VIRQ_DOM_EXC);
}

bool domain_next_changed(domid_t *id)
{
	for (u32 i = 0; i < ARRAY_SIZE(changed); i++) {
		u64 word = atomic_load(&changed[i]);
		unsigned bit;

		if (!word)
			continue;
		bit = lowest_bit(word);
		/* Another CPU may have taken it meanwhile: then it is told there. */
		if (!(atomic_fetch_and(&changed[i], ~BIT(bit)) & BIT(bit)))
			continue;
		*id = (domid_t)(i * BITS_PER_WORD + bit);
		return true;
	}
	return false;
}
