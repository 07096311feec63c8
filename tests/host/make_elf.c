/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes small PV kernels as ELF files in memory. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "pvabi/elfnote.h"
#include "tests/host/make_elf.h"

#define TEXT_AT 4096
#define ROOM	(1 << 20)

struct elf_plan plan32(void)
{
	return (struct elf_plan){ .virt_base = 0xc0000000, .paddr = 0x100000, .text_size = 12288,
				  .bss_size = 8192, .notes = true };
}

struct elf_plan plan64(void)
{
	return (struct elf_plan){ .is64 = true, .virt_base = 0xffffffff80000000, .paddr = 0x100000,
				  .text_size = 12288, .bss_size = 8192, .notes = true };
}

static uint8_t *put_note(uint8_t *at, uint32_t type, const void *desc, uint32_t size)
{
	uint32_t head[3] = { 4, size, type };

	memcpy(at, head, 12);
	memcpy(at + 12, "Xen", 4);
	memcpy(at + 16, desc, size);
	return at + 16 + ((size + 3) & ~3u);
}

static uint8_t *put_number(const struct elf_plan *plan, uint8_t *at, uint32_t type, uint64_t value)
{
	return put_note(at, type, &value, plan->is64 ? 8 : 4);
}

static uint8_t *put_notes(const struct elf_plan *plan, uint8_t *at)
{
	uint64_t start = plan->virt_base + plan->paddr;

	if (plan->pvh_notes)
		return put_number(plan, at, XEN_ELFNOTE_PHYS32_ENTRY, plan->paddr);
	at = put_note(at, XEN_ELFNOTE_GUEST_OS, "test", 5);
	at = put_note(at, XEN_ELFNOTE_XEN_VERSION, "xen-3.0", 8);
	at = put_note(at, XEN_ELFNOTE_LOADER, "generic", 8);
	at = put_number(plan, at, XEN_ELFNOTE_VIRT_BASE, plan->virt_base);
	at = put_number(plan, at, XEN_ELFNOTE_ENTRY, start + 16);
	at = put_number(plan, at, XEN_ELFNOTE_HYPERCALL_PAGE, start + 4096);
	at = put_note(at, XEN_ELFNOTE_PAE_MODE, "yes,extended-cr3", 17);
	if (plan->p2m_base)
		at = put_number(plan, at, XEN_ELFNOTE_INIT_P2M, plan->p2m_base);
	if (plan->mod_start_pfn)
		at = put_number(plan, at, XEN_ELFNOTE_MOD_START_PFN, 1);
	return at;
}

/* Both widths have the same fields under the same names. */
#define FILL(bits)                                                                                 \
	do {                                                                                       \
		Elf##bits##_Ehdr *e = (void *)d;                                                   \
		Elf##bits##_Phdr *p = (void *)(d + sizeof(*e));                                    \
		Elf##bits##_Shdr *s = (void *)(d + names_at + 64);                                 \
		memcpy(e->e_ident, ELFMAG, 4);                                                     \
		e->e_ident[EI_CLASS] = bits == 64 ? ELFCLASS64 : ELFCLASS32;                       \
		e->e_ident[EI_DATA] = ELFDATA2LSB;                                                 \
		e->e_type = ET_EXEC;                                                               \
		e->e_machine = bits == 64 ? EM_X86_64 : EM_386;                                    \
		e->e_entry = plan->virt_base + plan->paddr + 16;                                   \
		e->e_phoff = sizeof(*e);                                                           \
		e->e_phentsize = sizeof(*p);                                                       \
		made.phdr = sizeof(*e);                                                            \
		p[0] = (Elf##bits##_Phdr){ .p_type = PT_LOAD, .p_offset = TEXT_AT,                 \
			.p_paddr = plan->paddr, .p_filesz = plan->text_size,                       \
			.p_memsz = plan->text_size };                                              \
		p[1] = (Elf##bits##_Phdr){ .p_type = PT_LOAD, .p_offset = TEXT_AT,                 \
			.p_paddr = plan->paddr + plan->text_size, .p_memsz = plan->bss_size };     \
		e->e_phnum = 2;                                                                    \
		if (plan->notes || plan->pvh_notes)                                                \
			p[e->e_phnum++] = (Elf##bits##_Phdr){ .p_type = PT_NOTE,                   \
				.p_offset = notes_at, .p_filesz = names_at - notes_at };           \
		e->e_shoff = names_at + 64;                                                        \
		e->e_shentsize = sizeof(*s);                                                       \
		e->e_shnum = 3;                                                                    \
		e->e_shstrndx = 1;                                                                 \
		s[1] = (Elf##bits##_Shdr){ .sh_type = SHT_STRTAB, .sh_offset = names_at,           \
			.sh_size = 32 };                                                           \
		s[2] = (Elf##bits##_Shdr){ .sh_name = plan->guest_section ? 1 : 0,                 \
			.sh_type = SHT_PROGBITS, .sh_offset = names_at + 512,                      \
			.sh_size = plan->guest_section ? strlen(plan->guest_section) : 0 };        \
	} while (0)

struct made_elf make_elf(const struct elf_plan *plan)
{
	size_t notes_at = TEXT_AT + plan->text_size, names_at, i;
	struct made_elf made = { 0 };
	uint8_t *d = calloc(1, ROOM);

	for (i = 0; i < plan->text_size; i++)
		d[TEXT_AT + i] = i * 7 + i / 256;
	names_at = (put_notes(plan, d + notes_at) - d + 7) & ~7ull;
	memcpy(d + names_at, "\0__xen_guest", 13);
	if (plan->guest_section)
		strcpy((char *)d + names_at + 512, plan->guest_section);
	if (plan->is64)
		FILL(64);
	else
		FILL(32);
	made.data = d;
	made.len = names_at + 1024;
	made.notes = notes_at;
	return made;
}
