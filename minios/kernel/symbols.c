/* SPDX-License-Identifier: MIT */
/*
 * Names of functions, for back-traces.
 *
 * The table is made from the linked image and linked in again (symbols.awk): a count, then that
 * many pairs of address and offset of the name, sorted by address, then the names. The first link
 * has no table. Addresses have 32 bits in both widths, since the image lies below 4 GiB.
 */
#include <stddef.h>
#include <stdint.h>
#include <minios/panic.h>

struct symbol {
	uint32_t addr, name;
};

struct symbol_table {
	uint32_t count;
	struct symbol symbols[];
};

extern const char symbols_start[], symbols_end[], image_start[], text_end[];

const char *symbol_find(uintptr_t addr, uintptr_t *offset)
{
	const struct symbol_table *table = (const void *)symbols_start;
	uint32_t low = 0, high, mid;

	if (&symbols_end[0] == &symbols_start[0] || addr < (uintptr_t)image_start ||
	    addr >= (uintptr_t)text_end || addr < table->symbols[0].addr)
		return NULL;
	/* symbols[low].addr <= addr < symbols[high].addr */
	for (high = table->count; high - low > 1;) {
		mid = low + (high - low) / 2;
		if (table->symbols[mid].addr <= addr)
			low = mid;
		else
			high = mid;
	}
	*offset = addr - table->symbols[low].addr;
	return (const char *)&table->symbols[table->count] + table->symbols[low].name;
}
