/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a PV kernel's ELF file, 32 or 64 bit.
 *
 * The file may say anything: every offset and size is taken as 64 bits and compared with what is
 * left, never added first. Both widths are read by one set of functions, with the fields' places as
 * rows of a table.
 */
#include <errno.h>
#include <string.h>

#include "tools/builder/elf.h"

#define PT_LOAD	 1
#define PT_NOTE	 4
#define SHT_NOTE 7
#define ET_EXEC	 2
#define EM_386	 3
#define EM_X86_64 62

/* Place and width of a field. */
struct field {
	uint8_t offset, size;
};

struct shape {
	unsigned int ehdr, phdr, shdr; /* sizes of the three headers */
	struct field entry, phoff, shoff, phentsize, phnum, shentsize, shnum, shstrndx;
	struct field p_offset, p_paddr, p_filesz, p_memsz;
	struct field s_offset, s_size;
};

static const struct shape shape32 = {
	.ehdr = 52, .phdr = 32, .shdr = 40,
	.entry = { 24, 4 }, .phoff = { 28, 4 }, .shoff = { 32, 4 }, .phentsize = { 42, 2 },
	.phnum = { 44, 2 }, .shentsize = { 46, 2 }, .shnum = { 48, 2 }, .shstrndx = { 50, 2 },
	.p_offset = { 4, 4 }, .p_paddr = { 12, 4 }, .p_filesz = { 16, 4 }, .p_memsz = { 20, 4 },
	.s_offset = { 16, 4 }, .s_size = { 20, 4 },
};

static const struct shape shape64 = {
	.ehdr = 64, .phdr = 56, .shdr = 64,
	.entry = { 24, 8 }, .phoff = { 32, 8 }, .shoff = { 40, 8 }, .phentsize = { 54, 2 },
	.phnum = { 56, 2 }, .shentsize = { 58, 2 }, .shnum = { 60, 2 }, .shstrndx = { 62, 2 },
	.p_offset = { 8, 8 }, .p_paddr = { 24, 8 }, .p_filesz = { 32, 8 }, .p_memsz = { 40, 8 },
	.s_offset = { 24, 8 }, .s_size = { 32, 8 },
};

static const struct field any_type = { 0, 4 }, s_name = { 0, 4 }, s_type = { 4, 4 };

struct elf {
	const uint8_t *data;
	size_t len;
	const struct shape *shape;
	const uint8_t *phdrs, *shdrs;
	unsigned int phnum, phentsize, shnum, shentsize, shstrndx;
};

static uint64_t get(const uint8_t *base, struct field f)
{
	uint64_t value = 0;
	int i;

	for (i = f.size; i--; )
		value = value << 8 | base[f.offset + i];
	return value;
}

static bool inside(const struct elf *elf, uint64_t offset, uint64_t size)
{
	return offset <= elf->len && size <= elf->len - offset;
}

static const uint8_t *phdr(const struct elf *elf, unsigned int i)
{
	return elf->phdrs + (size_t)i * elf->phentsize;
}

static const uint8_t *shdr(const struct elf *elf, unsigned int i)
{
	return elf->shdrs + (size_t)i * elf->shentsize;
}

static struct elf_bytes section(const struct elf *elf, unsigned int i)
{
	uint64_t offset = get(shdr(elf, i), elf->shape->s_offset);
	uint64_t size = get(shdr(elf, i), elf->shape->s_size);

	if (!inside(elf, offset, size))
		return (struct elf_bytes){ elf->data, 0 };
	return (struct elf_bytes){ elf->data + offset, size };
}

static int check_ident(struct elf *elf, bool *is64, struct fault *fault)
{
	const uint8_t *d = elf->data;
	unsigned int machine;

	if (elf->len < 4 || memcmp(d, "\177ELF", 4))
		return fault_set(fault, -ENOEXEC, "not an ELF file");
	if (elf->len < shape32.ehdr)
		return fault_set(fault, -ENOEXEC, "the ELF header is cut off");
	if (d[4] != 1 && d[4] != 2)
		return fault_set(fault, -ENOEXEC, "unknown ELF class %u", d[4]);
	if (d[5] != 1)
		return fault_set(fault, -ENOEXEC, "not a little-endian ELF file");
	*is64 = d[4] == 2;
	elf->shape = *is64 ? &shape64 : &shape32;
	if (elf->len < elf->shape->ehdr)
		return fault_set(fault, -ENOEXEC, "the ELF header is cut off");
	machine = d[18] | d[19] << 8;
	if (machine != (*is64 ? EM_X86_64 : EM_386))
		return fault_set(fault, -ENOEXEC, "not for this machine (ELF%u, machine %u)",
				 *is64 ? 64 : 32, machine);
	if ((d[16] | d[17] << 8) != ET_EXEC)
		return fault_set(fault, -ENOEXEC, "not an executable at fixed addresses");
	return 0;
}

static int find_headers(struct elf *elf, struct fault *fault)
{
	const struct shape *s = elf->shape;
	uint64_t phoff = get(elf->data, s->phoff), shoff = get(elf->data, s->shoff);

	elf->phnum = get(elf->data, s->phnum);
	elf->phentsize = get(elf->data, s->phentsize);
	if (!elf->phnum)
		return fault_set(fault, -ENOEXEC, "no program headers");
	if (elf->phentsize < s->phdr)
		return fault_set(fault, -ENOEXEC, "program headers of %u bytes", elf->phentsize);
	if (!inside(elf, phoff, (uint64_t)elf->phnum * elf->phentsize))
		return fault_set(fault, -ENOEXEC, "the program headers lie outside the file");
	elf->phdrs = elf->data + phoff;

	/* A kernel is loaded without its sections; damaged ones are as good as none. */
	elf->shnum = get(elf->data, s->shnum);
	elf->shentsize = get(elf->data, s->shentsize);
	elf->shstrndx = get(elf->data, s->shstrndx);
	if (elf->shentsize < s->shdr ||
	    !inside(elf, shoff, (uint64_t)elf->shnum * elf->shentsize))
		elf->shnum = 0;
	else
		elf->shdrs = elf->data + shoff;
	return 0;
}

static int notes_in_segments(const struct elf *elf, struct elf_notes *notes, struct fault *fault)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < elf->phnum && !rc; i++) {
		const uint8_t *p = phdr(elf, i);
		uint64_t offset = get(p, elf->shape->p_offset), size = get(p, elf->shape->p_filesz);

		if (get(p, any_type) != PT_NOTE)
			continue;
		if (!inside(elf, offset, size))
			return fault_set(fault, -ENOEXEC, "a note segment lies outside the file");
		rc = elf_notes_read(notes, (struct elf_bytes){ elf->data + offset, size },
				    elf->data + elf->len, fault);
	}
	return rc;
}

static bool section_named(const struct elf *elf, unsigned int i, const char *name)
{
	uint64_t at = get(shdr(elf, i), s_name);
	struct elf_bytes names;
	size_t len = strlen(name) + 1;

	if (elf->shstrndx >= elf->shnum)
		return false;
	names = section(elf, elf->shstrndx);
	return at <= names.len && len <= names.len - at && !memcmp(names.data + at, name, len);
}

static int notes_in_sections(const struct elf *elf, struct elf_notes *notes, struct fault *fault)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < elf->shnum && !rc && !notes->found; i++)
		if (get(shdr(elf, i), s_type) == SHT_NOTE)
			rc = elf_notes_read(notes, section(elf, i), elf->data + elf->len, fault);
	for (i = 0; i < elf->shnum && !rc && !notes->found; i++)
		if (section_named(elf, i, "__xen_guest"))
			rc = elf_notes_read_guest(notes, section(elf, i), fault);
	return rc;
}

static int read_notes(const struct elf *elf, struct elf_notes *notes, struct fault *fault)
{
	int rc;

	elf_notes_init(notes);
	rc = notes_in_segments(elf, notes, fault);
	if (!rc && !notes->found)
		rc = notes_in_sections(elf, notes, fault);
	if (rc)
		return rc;
	if (!notes->found)
		return fault_set(fault, -ENOEXEC,
				 "not a Xen kernel: it has neither Xen ELF notes nor a __xen_guest "
				 "section");
	if (!notes->pv)
		return fault_set(fault, -ENOEXEC,
				 "a kernel for PVH only: it has no PV entry point");
	if (notes->loader[0] && strcmp(notes->loader, "generic"))
		return fault_set(fault, -ENOEXEC, "it wants the loader \"%s\", not \"generic\"",
				 notes->loader);
	if (notes->xen_version[0] && strcmp(notes->xen_version, "xen-3.0"))
		return fault_set(fault, -ENOEXEC, "it is made for \"%s\", not for \"xen-3.0\"",
				 notes->xen_version);
	return 0;
}

/* The virtual address of a physical one. False when it is below the base or wraps. */
static bool to_virtual(const struct elf_image *image, uint64_t paddr_offset, uint64_t paddr,
		       uint64_t size, uint64_t *virt)
{
	uint64_t limit = image->is64 ? UINT64_MAX : UINT32_MAX;

	if (paddr < paddr_offset || paddr - paddr_offset > limit - image->virt_base)
		return false;
	*virt = paddr - paddr_offset + image->virt_base;
	return size <= limit - *virt;
}

static int add_segment(struct elf_image *image, const struct elf *elf, const uint8_t *p,
		       uint64_t paddr_offset, struct fault *fault)
{
	uint64_t offset = get(p, elf->shape->p_offset);
	struct elf_segment *s = &image->segments[image->count];

	s->file_size = get(p, elf->shape->p_filesz);
	s->mem_size = get(p, elf->shape->p_memsz);
	if (!s->mem_size)
		return 0;
	if (image->count == ELF_MAX_SEGMENTS - 1)
		return fault_set(fault, -ENOEXEC, "more than %d segments", ELF_MAX_SEGMENTS - 1);
	if (s->file_size > s->mem_size)
		return fault_set(fault, -ENOEXEC, "segment %u is larger in the file than in memory",
				 image->count);
	if (!inside(elf, offset, s->file_size))
		return fault_set(fault, -ENOEXEC,
				 "segment %u lies outside the file, which is cut off",
				 image->count);
	if (!to_virtual(image, paddr_offset, get(p, elf->shape->p_paddr), s->mem_size, &s->virt))
		return fault_set(fault, -ENOEXEC, "segment %u has an address that overflows",
				 image->count);
	s->data = elf->data + offset;
	image->count++;
	return 0;
}

static int check_overlap(const struct elf_image *image, struct fault *fault)
{
	const struct elf_segment *a, *b, *end = image->segments + image->count;

	for (a = image->segments; a < end; a++)
		for (b = a + 1; b < end; b++)
			if (a->virt < b->virt + b->mem_size && b->virt < a->virt + a->mem_size)
				return fault_set(fault, -ENOEXEC, "segments %d and %d overlap",
						 (int)(a - image->segments),
						 (int)(b - image->segments));
	return 0;
}

static int read_segments(struct elf_image *image, const struct elf *elf, uint64_t paddr_offset,
			 struct fault *fault)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < elf->phnum && !rc; i++)
		if (get(phdr(elf, i), any_type) == PT_LOAD)
			rc = add_segment(image, elf, phdr(elf, i), paddr_offset, fault);
	if (rc)
		return rc;
	if (!image->count)
		return fault_set(fault, -ENOEXEC, "nothing to load");
	image->start = UINT64_MAX;
	for (i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (s->virt < image->start)
			image->start = s->virt;
		if (s->virt + s->mem_size > image->end)
			image->end = s->virt + s->mem_size;
	}
	return check_overlap(image, fault);
}

/*
 * Older kernels give the page's number from the base, newer ones its address; either way it must
 * be a whole page of the image.
 */
static int place_hypercall_page(struct elf_image *image, const struct elf_notes *notes,
				struct fault *fault)
{
	uint64_t at = notes->hypercall_page;

	image->hypercall_page = at;
	if (at == ELF_UNSET)
		return 0;
	if (notes->hypercall_is_pfn && at < image->start)
		at = at > UINT64_MAX >> 12 ? 1 : image->virt_base + (at << 12);
	if (at & 4095 || at < (image->start & ~4095ull) || at >= image->end)
		return fault_set(fault, -ENOEXEC, "its hypercall page is no page of its image");
	image->hypercall_page = at;
	return 0;
}

static int check_places(struct elf_image *image, struct fault *fault)
{
	/* Non-canonical addresses would fault in page tables that cannot express them. */
	if (image->is64 && (int64_t)(image->virt_base << 16) >> 16 != (int64_t)image->virt_base)
		return fault_set(fault, -ENOEXEC, "its virtual base is not canonical");
	if (image->virt_base & 0xfff)
		return fault_set(fault, -ENOEXEC, "its virtual base is not a page's address");
	if (image->entry < image->start || image->entry >= image->end)
		return fault_set(fault, -ENOEXEC, "its entry point lies outside its segments");
	if (image->p2m_base != ELF_UNSET &&
	    (!image->is64 || image->p2m_base & 0x1fffff ||
	     (int64_t)(image->p2m_base << 16) >> 16 != (int64_t)image->p2m_base))
		return fault_set(fault, -ENOEXEC, "its INIT_P2M address cannot be mapped");
	return 0;
}

int elf_parse(struct elf_image *image, const void *data, size_t len, struct fault *fault)
{
	struct elf elf = { .data = data, .len = len };
	struct elf_notes notes;
	int rc;

	memset(image, 0, sizeof(*image));
	rc = check_ident(&elf, &image->is64, fault);
	if (!rc)
		rc = find_headers(&elf, fault);
	if (!rc)
		rc = read_notes(&elf, &notes, fault);
	if (rc)
		return rc;
	if (!image->is64 && notes.pae_no)
		return fault_set(fault, -ENOEXEC, "a 32-bit kernel without PAE");
	if (notes.paddr_offset != ELF_UNSET && notes.virt_base == ELF_UNSET)
		return fault_set(fault, -ENOEXEC, "it gives PADDR_OFFSET without VIRT_BASE");
	image->virt_base = notes.virt_base == ELF_UNSET ? 0 : notes.virt_base;
	if (!image->is64 && image->virt_base > UINT32_MAX)
		return fault_set(fault, -ENOEXEC, "its virtual base does not fit 32 bits");
	rc = read_segments(image, &elf, notes.paddr_offset == ELF_UNSET ? 0 : notes.paddr_offset,
			   fault);
	if (rc)
		return rc;
	image->entry = notes.entry == ELF_UNSET ? get(elf.data, elf.shape->entry) : notes.entry;
	image->p2m_base = notes.p2m_base;
	image->mod_start_pfn = notes.mod_start_pfn;
	image->pae_extended_cr3 = notes.pae_extended_cr3;
	memcpy(image->guest_os, notes.guest_os, sizeof(image->guest_os));
	rc = place_hypercall_page(image, &notes, fault);
	return rc ? rc : check_places(image, fault);
}
