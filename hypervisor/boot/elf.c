/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading ELF files: headers of both classes, and the segments of a PV kernel. */
#include "hypervisor/boot/elf.h"

#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "pvabi/features.h"

#define EM_386		3
#define EM_X86_64	62
#define ET_EXEC		2
#define ET_DYN		3

struct ehdr32 {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct ehdr64 {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct phdr32 {
	u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct phdr64 {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};

struct shdr32 {
	u32 name, type, flags, addr, offset, size, link, info, align, entsize;
};

struct shdr64 {
	u32 name, type;
	u64 flags, addr, offset, size;
	u32 link, info;
	u64 align, entsize;
};

_Static_assert(sizeof(struct ehdr32) == 52 && sizeof(struct ehdr64) == 64, "ELF");
_Static_assert(sizeof(struct phdr32) == 32 && sizeof(struct phdr64) == 56, "ELF");
_Static_assert(sizeof(struct shdr32) == 40 && sizeof(struct shdr64) == 64, "ELF");

const u8 *elf_bytes(const struct elf_file *f, u64 offset, u64 size)
{
	return offset <= f->size && size <= f->size - offset ? f->data + offset : NULL;
}

/* A copy, since nothing says that headers are aligned. */
static bool read_at(const struct elf_file *f, u64 offset, void *out, u64 size)
{
	const u8 *from = elf_bytes(f, offset, size);

	if (from)
		memcpy(out, from, size);
	return from != NULL;
}

#define TAKE_HEADER(f, h)							\
	do {									\
		(f)->entry = (h).entry;						\
		(f)->phoff = (h).phoff;						\
		(f)->shoff = (h).shoff;						\
		(f)->phentsize = (h).phentsize;					\
		(f)->phnum = (h).phnum;						\
		(f)->shentsize = (h).shentsize;					\
		(f)->shnum = (h).shnum;						\
		(f)->shstrndx = (h).shstrndx;					\
		machine = (h).machine;						\
		type = (h).type;						\
	} while (0)

int elf_open(struct elf_file *f, const void *data, u64 size, const char **why)
{
	static const u8 magic[4] = { 0x7f, 'E', 'L', 'F' };
	u16 machine, type;
	struct ehdr32 h32;
	struct ehdr64 h64;
	u8 ident[16];

	*f = (struct elf_file){ .data = data, .size = size };
	*why = "is not an ELF file";
	if (!read_at(f, 0, ident, sizeof(ident)) || memcmp(ident, magic, sizeof(magic)))
		return -ENOEXEC;
	*why = "is cut short within the ELF header";
	f->is_64 = ident[4] == 2;
	if (f->is_64) {
		if (!read_at(f, 0, &h64, sizeof(h64)))
			return -ENOEXEC;
		TAKE_HEADER(f, h64);
	} else {
		if (!read_at(f, 0, &h32, sizeof(h32)))
			return -ENOEXEC;
		TAKE_HEADER(f, h32);
	}
	*why = "is an ELF file for another machine";
	if (ident[5] != 1 || machine != (f->is_64 ? EM_X86_64 : EM_386))
		return -ENOEXEC;
	*why = "is an ELF file, but no program";
	if (type != ET_EXEC && type != ET_DYN)
		return -ENOEXEC;
	*why = "has program headers of a size that cannot be";
	if (f->phentsize < (f->is_64 ? sizeof(struct phdr64) : sizeof(struct phdr32)))
		return -ENOEXEC;
	*why = NULL;
	return 0;
}

bool elf_segment(const struct elf_file *f, unsigned index, struct elf_phdr *out)
{
	u64 at = f->phoff + (u64)index * f->phentsize;
	struct phdr32 p32;
	struct phdr64 p64;

	if (index >= f->phnum || at < f->phoff)
		return false;
	if (f->is_64) {
		if (!read_at(f, at, &p64, sizeof(p64)))
			return false;
		*out = (struct elf_phdr){ p64.type, p64.offset, p64.paddr, p64.filesz, p64.memsz };
		return true;
	}
	if (!read_at(f, at, &p32, sizeof(p32)))
		return false;
	*out = (struct elf_phdr){ p32.type, p32.offset, p32.paddr, p32.filesz, p32.memsz };
	return true;
}

bool elf_section(const struct elf_file *f, unsigned index, struct elf_shdr *out)
{
	u64 at = f->shoff + (u64)index * f->shentsize;
	struct shdr32 s32;
	struct shdr64 s64;

	if (!f->shoff || index >= f->shnum || at < f->shoff)
		return false;
	if (f->is_64) {
		if (f->shentsize < sizeof(s64) || !read_at(f, at, &s64, sizeof(s64)))
			return false;
		*out = (struct elf_shdr){ s64.name, s64.type, s64.offset, s64.size };
		return true;
	}
	if (f->shentsize < sizeof(s32) || !read_at(f, at, &s32, sizeof(s32)))
		return false;
	*out = (struct elf_shdr){ s32.name, s32.type, s32.offset, s32.size };
	return true;
}

bool elf_find_section(const struct elf_file *f, const char *name, struct elf_shdr *out)
{
	struct elf_shdr names;
	size_t len = strlen(name) + 1;

	if (!elf_section(f, f->shstrndx, &names))
		return false;
	for (unsigned i = 0; elf_section(f, i, out); i++) {
		const u8 *text;

		if (names.size < len || out->name > names.size - len)
			continue;
		text = elf_bytes(f, names.offset + out->name, len);
		if (text && !memcmp(text, name, len))
			return true;
	}
	return false;
}

/* --- the segments of a PV kernel ------------------------------------------------------------- */

static int check_segment(const struct pv_kernel *k, const struct pv_segment *s, const char **why)
{
	u64 limit = k->file.is_64 ? ~0ull : 1ull << 32;

	*why = "has a segment that lies outside the file";
	if (!elf_bytes(&k->file, s->offset, s->filesz))
		return -EINVAL;
	*why = "has a segment that is larger in the file than in memory";
	if (s->filesz > s->memsz)
		return -EINVAL;
	*why = "has a segment beyond the end of the address space";
	if (s->virt > limit || s->memsz > limit - s->virt)
		return -EINVAL;
	*why = "has segments that overlap";
	for (unsigned i = 0; i < k->nr_segments; i++) {
		const struct pv_segment *o = &k->segment[i];

		if (s->virt < o->virt + o->memsz && o->virt < s->virt + s->memsz)
			return -EINVAL;
	}
	return 0;
}

/* Segments stand where their physical address says, seen from virt_base. */
static int collect_segments(struct pv_kernel *k, const char **why)
{
	u64 delta = k->virt_base - k->paddr_offset;
	struct elf_phdr p;
	int rc;

	k->start = ~0ull;
	for (unsigned i = 0; i < k->file.phnum; i++) {
		struct pv_segment *s = &k->segment[k->nr_segments];

		*why = "has program headers outside the file";
		if (!elf_segment(&k->file, i, &p))
			return -EINVAL;
		if (p.type != PT_LOAD || !p.memsz)
			continue;
		*why = "has too many segments";
		if (k->nr_segments == SEGMENTS_MAX)
			return -EINVAL;
		*s = (struct pv_segment){ p.paddr + delta, p.offset, p.filesz, p.memsz };
		rc = check_segment(k, s, why);
		if (rc)
			return rc;
		k->start = MIN(k->start, s->virt);
		k->end = MAX(k->end, s->virt + s->memsz);
		k->nr_segments++;
	}
	*why = "has nothing to be loaded";
	return k->nr_segments ? 0 : -EINVAL;
}

static int check_addresses(const struct pv_kernel *k, const char **why)
{
	*why = "starts below its own VIRT_BASE";
	if (k->start < k->virt_base)
		return -EINVAL;
	*why = "has an entry point outside its segments";
	if (k->entry < k->start || k->entry >= k->end)
		return -EINVAL;
	*why = "has a hypercall page that is not a page within its segments";
	if (k->hypercall_page != NO_ADDR &&
	    (k->hypercall_page & ~PAGE_MASK || k->hypercall_page < k->start ||
	     k->hypercall_page > k->end - 1 || k->end - k->hypercall_page < PAGE_SIZE))
		return -EINVAL;
	*why = "wants its p2m table within its own segments";
	if (k->p2m_base != NO_ADDR && k->p2m_base >= k->start && k->p2m_base < k->end)
		return -EINVAL;
	*why = "is a 32-bit kernel without PAE";
	if (!k->file.is_64 && k->pae == PAE_NONE)
		return -EINVAL;
	*why = NULL;
	return 0;
}

int pv_kernel_parse(struct pv_kernel *k, const void *data, u64 size, const char **why)
{
	int rc;

	memset(k, 0, sizeof(*k));
	k->virt_base = k->paddr_offset = k->entry = k->hypercall_page = NO_ADDR;
	k->hv_start_low = k->p2m_base = NO_ADDR;
	rc = elf_open(&k->file, data, size, why);
	if (!rc)
		rc = pv_kernel_read_notes(k, why);
	if (!rc)
		rc = collect_segments(k, why);
	if (rc)
		return rc;
	if (k->entry == NO_ADDR)
		k->entry = k->file.entry;
	if (k->features & 1u << XENFEAT_pae_pgdir_above_4gb && k->pae == PAE_BELOW_4G)
		k->pae = PAE_ANYWHERE;
	return check_addresses(k, why);
}
