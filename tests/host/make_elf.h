/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes small PV kernels as ELF files in memory, whole or broken, for host tests. */
#ifndef TESTS_HOST_MAKE_ELF_H
#define TESTS_HOST_MAKE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_plan {
	bool is64;
	uint64_t virt_base;
	uint64_t paddr; /* of the first segment */
	uint64_t text_size; /* in the file and in memory */
	uint64_t bss_size; /* of a second segment, behind the first; 0: none */
	bool notes; /* Xen's notes */
	bool pvh_notes; /* only PHYS32_ENTRY */
	const char *guest_section; /* a __xen_guest section's text, or NULL */
	uint64_t p2m_base; /* 0: no INIT_P2M note */
	bool mod_start_pfn;
};

struct made_elf {
	uint8_t *data; /* free() it */
	size_t len;
	size_t phdr; /* where the program headers stand, for tests that break them */
	size_t notes;
};

struct made_elf make_elf(const struct elf_plan *plan);

/* Plans that build: 1 MiB up, 12 KiB of text, 8 KiB of bss, notes. */
struct elf_plan plan32(void);
struct elf_plan plan64(void);

#endif
