/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ELF files, of both classes in one form, and the description a PV kernel gives of itself.
 *
 * The image comes from the loader and is as trusted as the hypervisor's own; it may be damaged,
 * cut short or of the wrong kind, though, so every offset is checked and every refusal has a text.
 */
#ifndef HV_BOOT_ELF_H
#define HV_BOOT_ELF_H

#include "hypervisor/lib/types.h"

struct elf_file {
	const u8 *data;
	u64 size;
	bool is_64;
	u64 entry, phoff, shoff;
	u16 phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	u32 type;
	u64 offset, paddr, filesz, memsz;
};

struct elf_shdr {
	u32 name, type;
	u64 offset, size;
};

#define PT_LOAD		1
#define PT_NOTE		4
#define SHT_NOTE	7
#define SHT_NOBITS	8

/* 0 or -ENOEXEC, with the reason in *@why. */
int elf_open(struct elf_file *f, const void *data, u64 size, const char **why);
/* One header; false when it lies outside the file. */
bool elf_segment(const struct elf_file *f, unsigned index, struct elf_phdr *out);
bool elf_section(const struct elf_file *f, unsigned index, struct elf_shdr *out);
/* [offset, offset + size) of the file, or NULL when that is not all in it. */
const u8 *elf_bytes(const struct elf_file *f, u64 offset, u64 size);
/* The section of that name. */
bool elf_find_section(const struct elf_file *f, const char *name, struct elf_shdr *out);

#define NO_ADDR		(~0ull)
#define SEGMENTS_MAX	16

enum pae_mode { PAE_NONE, PAE_BELOW_4G, PAE_ANYWHERE };

struct pv_segment {
	u64 virt;		/* where it is to stand */
	u64 offset, filesz, memsz;
};

/* Boot-relevant facts from ELF notes or the older `__xen_guest` section. NO_ADDR: not given. */
struct pv_kernel {
	struct elf_file file;
	u64 virt_base, paddr_offset;
	u64 entry;
	u64 hypercall_page;
	u64 hv_start_low;
	u64 p2m_base;
	u64 start, end;			/* of all segments together, linear addresses */
	u32 features;			/* XENFEAT_* it can use */
	bool has_supported_features;	/* it gave the number, so `dom0` must be among them */
	enum pae_mode pae;
	bool mod_start_pfn;
	char os[32], loader[16], version[16];
	struct pv_segment segment[SEGMENTS_MAX];
	unsigned nr_segments;
};

/* 0, -ENOEXEC, -EINVAL; *@why says what is wrong. */
int pv_kernel_parse(struct pv_kernel *k, const void *data, u64 size, const char **why);

/* boot/elf_notes.c: fills in what notes or `__xen_guest` say. -ENOEXEC when there are neither. */
int pv_kernel_read_notes(struct pv_kernel *k, const char **why);

#endif
