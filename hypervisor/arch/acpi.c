/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI tables: processors and interrupt controllers (MADT), power and timers (FADT, HPET), and the
 * one thing we want of the byte code: the sleep type of S5 (soft off).
 */
#include "hypervisor/arch/acpi.h"

#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"

#ifndef PARAVANE_HOST_TEST
#include "hypervisor/arch/log.h"
#endif

struct acpi_info acpi;

struct acpi_rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	/* from revision 2 on: */
	u32 length;
	u64 xsdt;
	u8 checksum_all;
	u8 reserved[3];
} __packed;

#define RSDP_V1_LEN	20

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem[6], oem_table[8];
	u32 oem_revision, creator, creator_revision;
} __packed;

#define TABLE_MAX	MiB(4)

static bool sums_to_zero(const void *data, u32 len)
{
	const u8 *p = data;
	u8 sum = 0;

	while (len--)
		sum += *p++;
	return sum == 0;
}

/* A whole table whose length and sum are right, or NULL. */
static const struct acpi_header *read_table(u64 at, acpi_read_fn read)
{
	const struct acpi_header *head = at ? read(at, sizeof(*head)) : NULL;
	u32 len;

	if (!head)
		return NULL;
	len = head->length;
	if (len < sizeof(*head) || len > TABLE_MAX)
		return NULL;
	head = read(at, len);
	return head && sums_to_zero(head, len) ? head : NULL;
}

/* Little-endian fields by offset: tables have grown by revisions, so each is checked by itself. */
static u64 field(const struct acpi_header *table, u32 offset, u32 size)
{
	u64 value = 0;

	if (offset + size <= table->length)
		memcpy(&value, (const u8 *)table + offset, size);
	return value;
}

/* --- MADT ------------------------------------------------------------------------------------- */

enum { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_ADDRESS = 5,
       MADT_X2APIC = 9 };

#define MADT_ENTRIES	44
#define MADT_ENABLED	1

static void add_cpu(struct acpi_info *info, u32 apic_id, u32 acpi_id, u32 flags)
{
	if (!(flags & MADT_ENABLED))
		return;
	/* Firmware may list the same processor in both forms. */
	for (u32 i = 0; i < info->nr_cpus; i++)
		if (info->cpus[i].apic_id == apic_id)
			return;
	if (info->nr_cpus == MAX_CPUS) {
		info->cpus_left_out++;
		return;
	}
	info->cpus[info->nr_cpus++] = (struct acpi_cpu){ apic_id, acpi_id };
}

static void add_ioapic(struct acpi_info *info, u32 address, u32 gsi_base)
{
	if (info->nr_ioapics < ACPI_MAX_IOAPICS)
		info->ioapics[info->nr_ioapics++] = (struct acpi_ioapic){ address, gsi_base };
}

/* Flags: polarity in bits 0-1, trigger in bits 2-3; 3 is low, and level. 0 is the bus's (ISA's). */
static void add_override(struct acpi_info *info, u32 irq, u32 gsi, u32 flags)
{
	if (irq < ACPI_ISA_IRQS)
		info->isa[irq] = (struct acpi_override){ gsi, (flags >> 2 & 3) == 3,
							 (flags & 3) == 3 };
}

static void madt_entry(struct acpi_info *info, const struct acpi_header *madt, u32 at, u32 len)
{
	switch (field(madt, at, 1)) {
	case MADT_LAPIC:
		if (len >= 8)
			add_cpu(info, field(madt, at + 3, 1), field(madt, at + 2, 1),
				field(madt, at + 4, 4));
		break;
	case MADT_X2APIC:
		if (len >= 16)
			add_cpu(info, field(madt, at + 4, 4), field(madt, at + 12, 4),
				field(madt, at + 8, 4));
		break;
	case MADT_IOAPIC:
		if (len >= 12)
			add_ioapic(info, field(madt, at + 4, 4), field(madt, at + 8, 4));
		break;
	case MADT_OVERRIDE:
		if (len >= 10)
			add_override(info, field(madt, at + 3, 1), field(madt, at + 4, 4),
				     field(madt, at + 8, 2));
		break;
	case MADT_LAPIC_ADDRESS:
		if (len >= 12)
			info->lapic_address = field(madt, at + 4, 8);
		break;
	}
}

static void parse_madt(struct acpi_info *info, const struct acpi_header *madt, acpi_read_fn read)
{
	(void)read;
	info->lapic_address = field(madt, 36, 4);
	for (u32 at = MADT_ENTRIES; at + 2 <= madt->length;) {
		u32 len = field(madt, at + 1, 1);

		if (len < 2 || len > madt->length - at)
			break;
		madt_entry(info, madt, at, len);
		at += len;
	}
}

/* --- FADT ------------------------------------------------------------------------------------- */

#define FADT_TIMER_32BIT	(1u << 8)
#define FADT_HAS_RESET		(1u << 10)

/* An old 32-bit port, or where that is 0 the address of the newer generic form. */
static u32 fadt_port(const struct acpi_header *fadt, u32 old, u32 generic)
{
	u32 port = field(fadt, old, 4);

	if (port || field(fadt, generic, 1) != 1)
		return port;
	return field(fadt, generic + 4, 8);
}

static void fadt_reset(struct acpi_info *info, const struct acpi_header *fadt, u32 flags)
{
	if (!(flags & FADT_HAS_RESET))
		return;
	info->reset.space = field(fadt, 116, 1);
	info->reset.width = field(fadt, 117, 1);
	info->reset.address = field(fadt, 120, 8);
	info->reset_value = field(fadt, 128, 1);
}

/* One integer of AML's short forms; false for anything else. */
static bool aml_integer(const u8 **p, const u8 *end, u8 *value)
{
	const u8 *at = *p;

	if (at < end && (*at == 0x00 || *at == 0x01 || *at == 0xff)) {
		*value = *at;
		*p = at + 1;
		return true;
	}
	if (end - at >= 2 && *at == 0x0a) {
		*value = at[1];
		*p = at + 2;
		return true;
	}
	return false;
}

/* Behind the name _S5_: PackageOp, package length of 1-4 bytes, number of elements, elements. */
static bool s5_package(struct acpi_info *info, const u8 *p, const u8 *end)
{
	u8 a, b;

	if (end - p < 7 || *p != 0x12)
		return false;
	p += 2 + (p[1] >> 6);
	if (p >= end || *p++ < 2)
		return false;
	if (!aml_integer(&p, end, &a) || !aml_integer(&p, end, &b))
		return false;
	info->has_s5 = true;
	info->s5_type_a = a & 7;
	info->s5_type_b = b & 7;
	return true;
}

static void find_s5(struct acpi_info *info, const struct acpi_header *dsdt)
{
	const u8 *p = (const u8 *)(dsdt + 1), *end = (const u8 *)dsdt + dsdt->length;

	for (; end - p > 4; p++)
		if (!memcmp(p, "_S5_", 4) && s5_package(info, p + 4, end))
			return;
}

static void parse_fadt(struct acpi_info *info, const struct acpi_header *fadt, acpi_read_fn read)
{
	u64 dsdt_at = field(fadt, 140, 8) ?: field(fadt, 40, 4);
	const struct acpi_header *dsdt = read_table(dsdt_at, read);
	u32 flags = field(fadt, 112, 4);

	info->sci_gsi = field(fadt, 46, 2);
	info->smi_command = field(fadt, 48, 4);
	info->acpi_enable = field(fadt, 52, 1);
	info->pm1a_event = fadt_port(fadt, 56, 148);
	info->pm1a_control = fadt_port(fadt, 64, 172);
	info->pm1b_control = fadt_port(fadt, 68, 184);
	info->pm_timer_port = fadt_port(fadt, 76, 208);
	info->pm_timer_32bit = flags & FADT_TIMER_32BIT;
	info->century_cmos = field(fadt, 108, 1);
	fadt_reset(info, fadt, flags);
	if (dsdt && !memcmp(dsdt->signature, "DSDT", 4))
		find_s5(info, dsdt);
}

/* --- HPET, and the list of all ---------------------------------------------------------------- */

static void parse_hpet(struct acpi_info *info, const struct acpi_header *hpet, acpi_read_fn read)
{
	(void)read;
	if (field(hpet, 40, 1) == 0)
		info->hpet_address = field(hpet, 44, 8);
}

static const struct {
	char signature[5];
	void (*parse)(struct acpi_info *, const struct acpi_header *, acpi_read_fn);
} parsers[] = {
	{ "APIC", parse_madt },
	{ "FACP", parse_fadt },
	{ "HPET", parse_hpet },
};

static void parse_table(struct acpi_info *info, u64 at, acpi_read_fn read)
{
	const struct acpi_header *table = read_table(at, read);

	if (!table)
		return;
	info->nr_tables++;
	for (unsigned i = 0; i < ARRAY_SIZE(parsers); i++)
		if (!memcmp(table->signature, parsers[i].signature, 4))
			parsers[i].parse(info, table, read);
}

/* The root table: XSDT with 8-byte addresses, else RSDT with 4. */
static const struct acpi_header *root_table(const struct acpi_rsdp *rsdp, u32 rsdp_len,
					    acpi_read_fn read, u32 *width)
{
	const struct acpi_header *root = NULL;

	if (rsdp->revision >= 2 && rsdp_len >= sizeof(*rsdp))
		root = read_table(rsdp->xsdt, read);
	*width = root ? 8 : 4;
	return root ?: read_table(rsdp->rsdt, read);
}

int acpi_parse(struct acpi_info *info, const void *rsdp, u32 rsdp_len, acpi_read_fn read)
{
	const struct acpi_header *root;
	struct acpi_rsdp pointer = { 0 };
	u32 width;

	for (u32 i = 0; i < ACPI_ISA_IRQS; i++)
		info->isa[i].gsi = i;
	if (rsdp_len < RSDP_V1_LEN || memcmp(rsdp, "RSD PTR ", 8) ||
	    !sums_to_zero(rsdp, RSDP_V1_LEN))
		return -ENOENT;
	memcpy(&pointer, rsdp, MIN(rsdp_len, (u32)sizeof(pointer)));
	root = root_table(&pointer, rsdp_len, read, &width);
	if (!root)
		return -ENOENT;
	for (u32 at = sizeof(*root); at + width <= root->length; at += width)
		parse_table(info, field(root, at, width), read);
	return 0;
}

#ifndef PARAVANE_HOST_TEST

/* The root pointer stands on a 16-byte boundary of the BIOS area or of the extended BIOS data. */
static const void *search(u64 from, u64 to, acpi_read_fn read)
{
	for (; from < to; from += 16) {
		const void *p = read(from, sizeof(struct acpi_rsdp));

		if (p && !memcmp(p, "RSD PTR ", 8) && sums_to_zero(p, RSDP_V1_LEN))
			return p;
	}
	return NULL;
}

static const void *search_bios(acpi_read_fn read)
{
	const u16 *segment = read(0x40e, 2);
	u64 ebda = segment ? (u64)*segment << 4 : 0;
	const void *found = ebda ? search(ebda, ebda + KiB(1), read) : NULL;

	return found ?: search(0xe0000, 0x100000, read);
}

void acpi_init(const void *rsdp, u32 rsdp_len, acpi_read_fn read)
{
	if (!rsdp_len) {
		rsdp = search_bios(read);
		rsdp_len = rsdp ? sizeof(struct acpi_rsdp) : 0;
	}
	if (acpi_parse(&acpi, rsdp, rsdp_len, read)) {
		log_warn("ACPI: no tables; one CPU, no poweroff");
		return;
	}
	log_info("ACPI: %u tables, %u CPUs, %u I/O APICs%s%s", acpi.nr_tables, acpi.nr_cpus,
		 acpi.nr_ioapics, acpi.hpet_address ? ", HPET" : "",
		 acpi.has_s5 ? "" : ", no soft off");
	if (acpi.cpus_left_out)
		log_warn("ACPI: %u CPUs more than can be used", acpi.cpus_left_out);
}

#endif
