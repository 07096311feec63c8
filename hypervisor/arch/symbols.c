/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks addresses up in the table of names that the second link put into the image. */
#include "hypervisor/arch/symbols.h"

#include "hypervisor/arch/layout.h"

struct symbol {
	u32 offset;		/* from IMAGE_BASE */
	u32 name;		/* from the start of the names */
};

struct symbol_table {		/* as hypervisor/symbols.awk writes it */
	u32 count;
	struct symbol symbols[];
};

/* paravane.lds; empty in the first link only. */
extern const struct symbol_table image_symbols_start;
extern const char image_start[], image_text_end[];

bool symbol_is_text(u64 addr)
{
	return addr >= (u64)image_start && addr < (u64)image_text_end;
}

static const char *name_of(const struct symbol_table *table, u32 number)
{
	return (const char *)&table->symbols[table->count] + table->symbols[number].name;
}

const char *symbol_by_number(u32 number, u64 *addr)
{
	const struct symbol_table *table = &image_symbols_start;

	if (number >= table->count)
		return number == table->count ? "" : NULL;
	*addr = IMAGE_BASE + table->symbols[number].offset;
	return name_of(table, number);
}

const char *symbol_find(u64 addr, u64 *offset)
{
	const struct symbol_table *table = &image_symbols_start;
	u32 low = 0, high = table->count;

	if (!symbol_is_text(addr))
		return NULL;
	while (high - low > 1) {
		u32 mid = low + (high - low) / 2;

		if (IMAGE_BASE + table->symbols[mid].offset <= addr)
			low = mid;
		else
			high = mid;
	}
	if (low == high || IMAGE_BASE + table->symbols[low].offset > addr)
		return NULL;
	*offset = addr - IMAGE_BASE - table->symbols[low].offset;
	return name_of(table, low);
}
