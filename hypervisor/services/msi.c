/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message-signalled interrupts. The guest that drives a function does not see vectors and APICs, so
 * the message is written here; the guest itself only enables the capability.
 */
#include "hypervisor/services/msi.h"

#include "hypervisor/arch/pci.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/map.h"

#define PCI_VENDOR		0x00
#define PCI_STATUS		0x06
#define PCI_STATUS_CAPS		0x10
#define PCI_BAR0		0x10
#define PCI_CAPS		0x34
#define MAX_CAPS		48	/* as many as fit, so that a loop of them ends */

#define BAR_IS_IO		0x1
#define BAR_TYPE		0x6
#define BAR_IS_64		0x4

#define CAP_MSI			0x05
#define CAP_MSIX		0x11

#define CONTROL			2
#define MSI_ENABLE		0x0001
#define MSI_COUNT		0x0070	/* vectors enabled, as a power of two */
#define MSI_64BIT		0x0080
#define MSI_MASKABLE		0x0100
#define MSI_ADDRESS		4
#define MSIX_SIZE		0x07ff
#define MSIX_TABLE		4	/* offset, and in the lowest three bits the BAR */

enum { ENTRY_ADDRESS, ENTRY_ADDRESS_HIGH, ENTRY_DATA, ENTRY_CONTROL, ENTRY_WORDS };
#define ENTRY_MASKED		1u

#define MESSAGE_ADDRESS		0xfee00000u

/* --- finding ---------------------------------------------------------------------------------- */

static u8 find_cap(u16 bdf, u8 id)
{
	u8 at;

	if (pci_read(bdf, PCI_VENDOR, 2) == 0xffff ||
	    !(pci_read(bdf, PCI_STATUS, 2) & PCI_STATUS_CAPS))
		return 0;
	at = pci_read(bdf, PCI_CAPS, 1) & 0xfc;
	for (unsigned i = 0; at && i < MAX_CAPS; i++) {
		if (pci_read(bdf, at, 1) == id)
			return at;
		at = pci_read(bdf, at + 1, 1) & 0xfc;
	}
	return 0;
}

/* Where a memory BAR stands; 0 when it is none, or was given no place. */
static paddr_t bar_address(u16 bdf, u32 bar)
{
	u8 reg = (u8)(PCI_BAR0 + 4 * bar);
	u32 low = pci_read(bdf, reg, 4);

	if (bar > 5 || (low & BAR_IS_IO))
		return 0;
	if ((low & BAR_TYPE) != BAR_IS_64 || bar == 5)
		return low & ~0xfu;
	return (paddr_t)pci_read(bdf, reg + 4, 4) << 32 | (low & ~0xfu);
}

#define MAX_TABLE_PAGES	64

/* Pages of tables stay mapped, since functions come and go with the same ones. */
static struct {
	struct spinlock lock;		/* guards the rest */
	u32 nr;
	struct {
		paddr_t paddr;
		u8 *virt;
	} page[MAX_TABLE_PAGES];
} tables = { .lock = SPINLOCK_INIT("msix", RANK_MSIX) };

static u8 *find_table(paddr_t page)
{
	for (u32 i = 0; i < tables.nr; i++)
		if (tables.page[i].paddr == page)
			return tables.page[i].virt;
	return NULL;
}

/* A BAR says whatever the control domain writes there: it is to be device memory, as that may map. */
static void *map_table(paddr_t paddr)
{
	paddr_t page = paddr & PAGE_MASK;
	u8 *virt;

	if (!dom0 || !rangeset_contains(dom0->iomem, PFN_DOWN(page), PFN_DOWN(page)) ||
	    paddr - page > PAGE_SIZE - ENTRY_WORDS * sizeof(u32))
		return NULL;
	lock(&tables.lock);
	virt = find_table(page);
	if (!virt && tables.nr < MAX_TABLE_PAGES) {
		virt = map_device(page, PAGE_SIZE, MAP_RW | MAP_UNCACHED);
		if (virt) {
			tables.page[tables.nr].paddr = page;
			tables.page[tables.nr++].virt = virt;
		}
	}
	unlock(&tables.lock);
	return virt ? virt + (paddr & ~PAGE_MASK) : NULL;
}

int msi_find(struct msi *msi, u16 bdf, bool is_x, u32 nr)
{
	paddr_t base;
	u32 table;

	*msi = (struct msi){ .bdf = bdf, .cap = find_cap(bdf, is_x ? CAP_MSIX : CAP_MSI) };
	if (!msi->cap)
		return -ENODEV;
	if (!is_x)
		return 0;
	if (nr > (pci_read(bdf, msi->cap + CONTROL, 2) & MSIX_SIZE))
		return -EINVAL;
	table = pci_read(bdf, msi->cap + MSIX_TABLE, 4);
	base = bar_address(bdf, table & 7);
	if (!base)
		return -ENODEV;
	msi->entry = map_table(base + (table & ~7u) + nr * ENTRY_WORDS * sizeof(u32));
	return msi->entry ? 0 : -ENOMEM;
}

/* --- messages --------------------------------------------------------------------------------- */

static void route_x(const struct msi *msi, u32 address, u32 data)
{
	atomic_store(&msi->entry[ENTRY_CONTROL], ENTRY_MASKED);
	atomic_store(&msi->entry[ENTRY_ADDRESS], address);
	atomic_store(&msi->entry[ENTRY_ADDRESS_HIGH], 0);
	atomic_store(&msi->entry[ENTRY_DATA], data);
	atomic_store(&msi->entry[ENTRY_CONTROL], 0);
}

/* One message at a time: the function may not be sending when address and data change. */
static void route_plain(const struct msi *msi, u32 address, u32 data)
{
	u32 control = pci_read(msi->bdf, msi->cap + CONTROL, 2);
	u8 at = msi->cap + MSI_ADDRESS;

	pci_write(msi->bdf, msi->cap + CONTROL, control & ~(MSI_ENABLE | MSI_COUNT), 2);
	pci_write(msi->bdf, at, address, 4);
	at += 4;
	if (control & MSI_64BIT) {
		pci_write(msi->bdf, at, 0, 4);
		at += 4;
	}
	pci_write(msi->bdf, at, data, 2);
	if (control & MSI_MASKABLE)
		pci_write(msi->bdf, at + 4, 0, 4);
}

void msi_route(const struct msi *msi, u8 vector, u32 cpu)
{
	u32 address = MESSAGE_ADDRESS | cpu_table[cpu]->apic_id << 12;

	if (msi->entry)
		route_x(msi, address, vector);
	else
		route_plain(msi, address, vector);
}

void msi_stop(const struct msi *msi)
{
	u32 control;

	if (msi->entry) {
		atomic_store(&msi->entry[ENTRY_CONTROL], ENTRY_MASKED);
		return;
	}
	control = pci_read(msi->bdf, msi->cap + CONTROL, 2);
	pci_write(msi->bdf, msi->cap + CONTROL, control & ~MSI_ENABLE, 2);
}
