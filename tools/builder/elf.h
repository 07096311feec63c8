/* SPDX-License-Identifier: GPL-2.0-only */
/* A Xen PV kernel as an ELF file: where it wants to be and what it says of itself. */
#ifndef TOOLS_BUILDER_ELF_H
#define TOOLS_BUILDER_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/builder/fault.h"

#define ELF_MAX_SEGMENTS 32
#define ELF_UNSET	 UINT64_MAX

/* Part of the file that is loaded; addresses are virtual. Checked to lie within the file. */
struct elf_segment {
	uint64_t virt;
	uint64_t mem_size;
	const uint8_t *data;
	uint64_t file_size;
};

struct elf_image {
	bool is64;
	uint64_t entry;
	uint64_t virt_base; /* where pfn 0 is mapped */
	uint64_t start, end; /* of all segments, virtual */
	uint64_t hypercall_page; /* or ELF_UNSET */
	uint64_t p2m_base; /* or ELF_UNSET: in the region behind the image */
	bool mod_start_pfn; /* it takes its ramdisk without a mapping */
	bool pae_extended_cr3;
	char guest_os[32];
	struct elf_segment segments[ELF_MAX_SEGMENTS];
	unsigned int count;
};

/*
 * Reads the @len bytes at @data, which must outlive *@image. On success every segment lies at or
 * above virt_base, none overlap, the entry point lies in the image, and no address of the image
 * wraps or leaves what the width can express.
 */
int elf_parse(struct elf_image *image, const void *data, size_t len, struct fault *fault);

/* --- between elf.c and elf_notes.c ------------------------------------------------------------ */
/* A piece of the file; out-of-range pieces read as empty. */
struct elf_bytes {
	const uint8_t *data;
	size_t len;
};

/* What notes or the __xen_guest section say; ELF_UNSET where nothing is said. */
struct elf_notes {
	bool found;
	bool pv; /* something that only a PV kernel says */
	uint64_t virt_base, paddr_offset, entry, hypercall_page, p2m_base, mod_start_pfn;
	bool hypercall_is_pfn; /* hypercall_page counts pages from virt_base */
	bool pae_extended_cr3, pae_no;
	char guest_os[32], loader[16], xen_version[16];
};

void elf_notes_init(struct elf_notes *notes);
/* Takes the Xen notes out of a note segment or section of the file that ends at @file_end. */
int elf_notes_read(struct elf_notes *notes, struct elf_bytes bytes, const uint8_t *file_end,
		   struct fault *fault);
/* Takes the KEY=value list of a __xen_guest section. */
int elf_notes_read_guest(struct elf_notes *notes, struct elf_bytes bytes, struct fault *fault);

#endif
