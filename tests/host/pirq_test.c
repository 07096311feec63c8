/* SPDX-License-Identifier: GPL-2.0-only */
/* Device interrupts of guests, over a machine of sixteen ISA interrupts and eight lines of PCI. */
#include <string.h>

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/msi.h"
#include "hypervisor/services/pirq.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_services.h"

#define GSIS		24
#define SCI		9	/* an ISA interrupt that is level-triggered and active-low */
#define PCI_GSI		20
#define OWN_GSI		4	/* the hypervisor's */

static struct {
	bool masked, level, low;
	u8 vector;
	unsigned unmasked;		/* how often, by ioapic_unmask() */
} gsis[GSIS];
static unsigned eois, sends, routes, stops, unmasks;
static u32 sent_port, sent_pirq;
static struct domain *sent_to;
static u8 msi_vector;
static int msi_rc;

/* --- the machine -------------------------------------------------------------------------------- */

u32 ioapic_gsis(void)
{
	return GSIS;
}

bool ioapic_is_masked(u32 gsi)
{
	return gsis[gsi].masked;
}

int ioapic_route(u32 gsi, u8 vector, u32 cpu, bool level, bool low)
{
	(void)cpu;
	gsis[gsi].vector = vector;
	gsis[gsi].level = level;
	gsis[gsi].low = low;
	gsis[gsi].masked = false;
	return 0;
}

void ioapic_mask(u32 gsi)
{
	gsis[gsi].masked = true;
}

void ioapic_unmask(u32 gsi)
{
	gsis[gsi].masked = false;
	gsis[gsi].unmasked++;
}

u32 isa_irq_to_gsi(u8 irq, bool *level, bool *low)
{
	*level = *low = irq == SCI;
	return irq ? irq : 2;
}

void apic_eoi(void)
{
	eois++;
}

int msi_find(struct msi *msi, u16 bdf, bool is_x, u32 nr)
{
	*msi = (struct msi){ .bdf = bdf, .cap = is_x ? 0x11 : 0x05 };
	(void)nr;
	return msi_rc;
}

void msi_route(const struct msi *msi, u8 vector, u32 cpu)
{
	(void)msi;
	(void)cpu;
	msi_vector = vector;
	routes++;
}

void msi_stop(const struct msi *msi)
{
	(void)msi;
	stops++;
}

void evtchn_send_pirq(struct domain *d, u32 port, u32 pirq)
{
	sent_to = d;
	sent_port = port;
	sent_pirq = pirq;
	sends++;
}

int evtchn_unmask(u32 port)
{
	ck_assert_uint_eq(port, 5);
	unmasks++;
	return 0;
}

static bool port_masked;

bool evtchn_is_masked(struct domain *d, u32 port)
{
	ck_assert(d && port == 5);
	return port_masked;
}

/* --- two domains -------------------------------------------------------------------------------- */

static struct domain *a, *b;

static void set_up(void)
{
	for (unsigned i = 0; i < GSIS; i++) {
		memset(&gsis[i], 0, sizeof(gsis[i]));
		gsis[i].masked = i != OWN_GSI;
	}
	eois = sends = routes = stops = unmasks = 0;
	msi_rc = 0;
	a = fake_domain(0, true, false, 1, &pirq_hooks);
	b = fake_domain(1, false, false, 1, &pirq_hooks);
	fake_run(a->vcpu[0]);
}

static void tear_down(void)
{
	fake_kill(a);
	fake_kill(b);
	fake_assert_clean();
}

static int map(struct domain *d, u32 gsi)
{
	int pirq = PIRQ_ANY, rc = pirq_map_gsi(d, gsi, &pirq);

	if (!rc)
		ck_assert_int_eq(pirq, (int)gsi);
	return rc;
}

static void map_and_bind(struct domain *d, u32 gsi, u32 port)
{
	ck_assert_int_eq(map(d, gsi), 0);
	ck_assert_int_eq(pirq_bind(d, gsi, port), 0);
}

START_TEST(maps_gsis)
{
	int pirq = 30;

	ck_assert(!pirq_is_mapped(a, 3));
	ck_assert_int_eq(map(a, 3), 0);
	ck_assert(pirq_is_mapped(a, 3));
	ck_assert_int_eq(map(a, 3), 0);			/* the same again */
	ck_assert_int_eq(pirq_map_gsi(a, 3, &pirq), -EEXIST);	/* not by another number */
	ck_assert_int_eq(map(b, 3), -EBUSY);
	ck_assert_int_eq(map(a, OWN_GSI), -EBUSY);
	ck_assert_int_eq(map(a, GSIS), -EINVAL);
	ck_assert_int_eq(pirq_map_gsi(a, 5, &pirq), 0);
	pirq = 3;
	ck_assert_int_eq(pirq_map_gsi(a, 6, &pirq), -EEXIST);	/* that is GSI 3 */
	pirq = NR_PIRQS;
	ck_assert_int_eq(pirq_map_gsi(a, 6, &pirq), -EINVAL);
	ck_assert_int_eq(pirq_unmap(a, 3), 0);
	ck_assert_int_eq(pirq_unmap(a, 3), -EINVAL);
	ck_assert_int_eq(pirq_unmap(a, NR_PIRQS), -EINVAL);
	ck_assert_int_eq(map(b, 3), 0);
}
END_TEST

START_TEST(delivers_edges)
{
	map_and_bind(a, 3, 5);
	ck_assert(!gsis[3].masked && !gsis[3].level);
	ck_assert(!pirq_needs_eoi(a, 3));
	guest_irq(gsis[3].vector);
	guest_irq(gsis[3].vector);
	ck_assert_uint_eq(sends, 2);
	ck_assert_uint_eq(eois, 2);
	ck_assert(sent_to == a && sent_port == 5 && sent_pirq == 3);
	ck_assert(!gsis[3].masked);
	ck_assert_int_eq(pirq_eoi(a, 3), 0);		/* not needed, and harmless */
	ck_assert_uint_eq(gsis[3].unmasked, 0);
}
END_TEST

START_TEST(holds_levels_until_eoi)
{
	map_and_bind(a, PCI_GSI, 5);
	ck_assert(gsis[PCI_GSI].level && gsis[PCI_GSI].low && !gsis[PCI_GSI].masked);
	ck_assert(pirq_needs_eoi(a, PCI_GSI));
	guest_irq(gsis[PCI_GSI].vector);
	ck_assert(gsis[PCI_GSI].masked);
	ck_assert_uint_eq(sends, 1);
	ck_assert_int_eq(pirq_eoi(b, PCI_GSI), -EINVAL);	/* another's */
	ck_assert(gsis[PCI_GSI].masked);
	ck_assert_int_eq(pirq_eoi(a, PCI_GSI), 0);
	ck_assert(!gsis[PCI_GSI].masked);
	ck_assert_int_eq(pirq_eoi(a, PCI_GSI), 0);	/* once is enough */
	ck_assert_uint_eq(gsis[PCI_GSI].unmasked, 1);
	ck_assert_uint_eq(unmasks, 0);
}
END_TEST

/* The old way to say it of all at once. */
START_TEST(opens_what_is_not_masked)
{
	map_and_bind(a, PCI_GSI, 5);
	guest_irq(gsis[PCI_GSI].vector);
	port_masked = true;
	pirq_eoi_unmasked(a);
	ck_assert(gsis[PCI_GSI].masked);
	port_masked = false;
	pirq_eoi_unmasked(a);
	ck_assert(!gsis[PCI_GSI].masked);
	pirq_eoi_unmasked(a);
	ck_assert_uint_eq(gsis[PCI_GSI].unmasked, 1);
}
END_TEST

/* A number that was set aside is given to nobody who does not name it, and means nothing till then. */
START_TEST(sets_numbers_aside)
{
	int number = pirq_reserve(a, true), last = pirq_reserve(a, false), pirq;

	ck_assert_int_eq(number, 16);
	ck_assert_int_eq(last, NR_PIRQS - 1);
	ck_assert_int_eq(pirq_reserve(a, true), 17);
	ck_assert(!pirq_is_mapped(a, 16));
	ck_assert_int_eq(pirq_unmap(a, 16), -EINVAL);
	pirq = PIRQ_ANY;
	ck_assert_int_eq(pirq_map_gsi(a, 16, &pirq), 0);
	ck_assert_int_eq(pirq, NR_PIRQS - 2);
	pirq = last;
	ck_assert_int_eq(pirq_map_msi(a, 0x18, false, 0, &pirq), 0);
	ck_assert(pirq_is_mapped(a, (u32)last));
	while (pirq_reserve(a, true) >= 0)
		;
	ck_assert_int_eq(pirq_reserve(a, true), -ENOSPC);
}
END_TEST

START_TEST(stops_what_is_unbound)
{
	map_and_bind(a, PCI_GSI, 5);
	ck_assert_int_eq(pirq_bind(a, PCI_GSI, 6), -EEXIST);
	guest_irq(gsis[PCI_GSI].vector);
	pirq_unbind(a, PCI_GSI, 6);			/* not the one it is bound to */
	guest_irq(gsis[PCI_GSI].vector);
	ck_assert_uint_eq(sends, 2);
	pirq_unbind(a, PCI_GSI, 5);
	ck_assert(gsis[PCI_GSI].masked);
	ck_assert_int_eq(pirq_eoi(a, PCI_GSI), 0);
	ck_assert(gsis[PCI_GSI].masked);		/* an EOI that comes late opens nothing */
	guest_irq(gsis[PCI_GSI].vector);
	ck_assert_uint_eq(sends, 2);
	ck_assert_int_eq(pirq_bind(a, 7, 5), -EINVAL);
	pirq_unbind(a, 7, 5);
}
END_TEST

START_TEST(knows_how_gsis_trigger)
{
	map_and_bind(a, SCI, 5);
	ck_assert(gsis[SCI].level && gsis[SCI].low);
	ck_assert_int_eq(pirq_setup_gsi(SCI, false, false), -EEXIST);
	ck_assert_int_eq(map(a, 10), 0);
	ck_assert_int_eq(pirq_setup_gsi(10, true, true), 0);	/* mapped, and not yet in use */
	ck_assert_int_eq(pirq_bind(a, 10, 6), 0);
	ck_assert(gsis[10].level && gsis[10].low);
	ck_assert_int_eq(pirq_setup_gsi(21, true, false), 0);
	map_and_bind(a, 21, 7);
	ck_assert(gsis[21].level && !gsis[21].low);
	ck_assert_int_eq(pirq_setup_gsi(GSIS, true, true), -EINVAL);
}
END_TEST

START_TEST(maps_messages)
{
	int pirq = PIRQ_ANY, other = PIRQ_ANY;

	ck_assert_int_eq(pirq_map_msi(a, 0x18, true, 2, &pirq), 0);
	ck_assert_int_eq(pirq, NR_PIRQS - 1);
	ck_assert_int_eq(pirq_bind(a, (u32)pirq, 5), 0);
	guest_irq(msi_vector);
	ck_assert_uint_eq(sends, 1);
	ck_assert_int_eq(pirq_map_msi(b, 0x20, false, 0, &other), 0);
	ck_assert_int_eq(other, NR_PIRQS - 1);		/* numbers are each domain's own */
	guest_irq(msi_vector);				/* which nobody is told of */
	ck_assert_uint_eq(sends, 1);
	ck_assert_int_eq(pirq_unmap(a, (u32)pirq), 0);
	ck_assert_uint_eq(stops, 1);
	msi_rc = -ENODEV;
	ck_assert_int_eq(pirq_map_msi(a, 0x28, false, 0, &pirq), -ENODEV);
}
END_TEST

START_TEST(ends_when_there_are_no_more)
{
	unsigned given = 0, vectors[256] = { 0 };
	int rc, pirq;

	for (;; given++) {
		pirq = PIRQ_ANY;
		rc = pirq_map_msi(given % 2 ? a : b, 0x18, false, 0, &pirq);
		if (rc)
			break;
		ck_assert_uint_eq(vectors[msi_vector]++, 0);
	}
	ck_assert_int_eq(rc, -ENOSPC);
	ck_assert_uint_gt(given, 100);
	ck_assert_uint_eq(vectors[0x80] + vectors[0x82], 0);	/* the guests' own gates */
}
END_TEST

START_TEST(ignores_vectors_of_nobody)
{
	guest_irq(0x20);
	guest_irq(0x50);
	guest_irq(0xef);
	ck_assert_uint_eq(eois, 3);
	ck_assert_uint_eq(sends, 0);
}
END_TEST

START_TEST(shows_who_needs_eoi)
{
	mfn_t mfn = fake_give_frame(a);
	u64 *page = mfn_to_virt(mfn);

	map_and_bind(a, PCI_GSI, 4);
	ck_assert_int_eq(pirq_set_eoi_page(a, fake_give_frame(b), true), -EINVAL);
	ck_assert_int_eq(pirq_set_eoi_page(a, mfn, true), 0);
	ck_assert_uint_eq(page[0], 1ull << PCI_GSI);
	ck_assert_int_eq(pirq_set_eoi_page(a, mfn, true), -EBUSY);
	map_and_bind(a, SCI, 5);
	ck_assert_uint_eq(page[0], 1ull << PCI_GSI | 1ull << SCI);
	ck_assert_int_eq(pirq_eoi(a, SCI), 0);
	ck_assert_uint_eq(unmasks, 1);			/* as asked for: the port opens as well */
	ck_assert_int_eq(pirq_unmap(a, PCI_GSI), 0);
	ck_assert_uint_eq(page[0], 1ull << SCI);
}
END_TEST

START_TEST(takes_back_a_dead_domains)
{
	int pirq = PIRQ_ANY;
	u8 vector;

	map_and_bind(b, PCI_GSI, 5);
	vector = gsis[PCI_GSI].vector;
	ck_assert_int_eq(pirq_map_msi(b, 0x18, false, 0, &pirq), 0);
	ck_assert_int_eq(pirq_set_eoi_page(b, fake_give_frame(b), false), 0);
	fake_kill(b);
	ck_assert(gsis[PCI_GSI].masked);
	ck_assert_uint_eq(stops, 1);
	guest_irq(vector);
	ck_assert_uint_eq(sends, 0);
	b = fake_domain(1, false, false, 1, &pirq_hooks);
	ck_assert_int_eq(map(a, PCI_GSI), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("pirq");
	TCase *t = tcase_create("pirq");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, maps_gsis);
	tcase_add_test(t, delivers_edges);
	tcase_add_test(t, holds_levels_until_eoi);
	tcase_add_test(t, opens_what_is_not_masked);
	tcase_add_test(t, sets_numbers_aside);
	tcase_add_test(t, stops_what_is_unbound);
	tcase_add_test(t, knows_how_gsis_trigger);
	tcase_add_test(t, maps_messages);
	tcase_add_test(t, ends_when_there_are_no_more);
	tcase_add_test(t, ignores_vectors_of_nobody);
	tcase_add_test(t, shows_who_needs_eoi);
	tcase_add_test(t, takes_back_a_dead_domains);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
