/* SPDX-License-Identifier: GPL-2.0-only */
/* What a PV kernel says of itself: Xen's ELF notes, or the older __xen_guest section. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pvabi/elfnote.h"
#include "tools/builder/elf.h"

void elf_notes_init(struct elf_notes *notes)
{
	memset(notes, 0, sizeof(*notes));
	notes->virt_base = notes->paddr_offset = notes->entry = ELF_UNSET;
	notes->hypercall_page = notes->p2m_base = ELF_UNSET;
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static int note_number(const struct elf_bytes *desc, uint64_t *out)
{
	size_t i;

	if (desc->len != 1 && desc->len != 2 && desc->len != 4 && desc->len != 8)
		return -EINVAL;
	for (*out = 0, i = desc->len; i--; )
		*out = *out << 8 | desc->data[i];
	return 0;
}

static void copy_text(char *out, size_t size, const void *text, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(out, text, len);
	out[len] = '\0';
}

#define NOTE_TEXT(notes, field, desc)                                                              \
	copy_text((notes)->field, sizeof((notes)->field), (desc)->data, (desc)->len)

/* Kernels new enough for notes know the extended form of CR3; older ones said so in brackets. */
static void read_pae(struct elf_notes *notes, const struct elf_bytes *desc, bool is_note)
{
	char text[32];

	copy_text(text, sizeof(text), desc->data, desc->len);
	notes->pae_no = !strcmp(text, "no");
	notes->pae_extended_cr3 = strstr(text, "extended-cr3") || !strcmp(text, "bimodal") ||
				  (is_note && !strcmp(text, "yes"));
}

static int read_xen_note(struct elf_notes *notes, uint32_t type, const struct elf_bytes *desc,
			 struct fault *fault)
{
	uint64_t *number = NULL;

	notes->found = true;
	switch (type) {
	case XEN_ELFNOTE_ENTRY:
		number = &notes->entry;
		notes->pv = true;
		break;
	case XEN_ELFNOTE_VIRT_BASE:
		number = &notes->virt_base;
		notes->pv = true;
		break;
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		number = &notes->hypercall_page;
		notes->pv = true;
		break;
	case XEN_ELFNOTE_PADDR_OFFSET:
		number = &notes->paddr_offset;
		break;
	case XEN_ELFNOTE_INIT_P2M:
		number = &notes->p2m_base;
		break;
	case XEN_ELFNOTE_MOD_START_PFN:
		number = &notes->mod_start_pfn;
		break;
	case XEN_ELFNOTE_XEN_VERSION:
		NOTE_TEXT(notes, xen_version, desc);
		notes->pv = true;
		break;
	case XEN_ELFNOTE_GUEST_OS:
		NOTE_TEXT(notes, guest_os, desc);
		break;
	case XEN_ELFNOTE_LOADER:
		NOTE_TEXT(notes, loader, desc);
		break;
	case XEN_ELFNOTE_PAE_MODE:
		read_pae(notes, desc, true);
		break;
	}
	if (number && note_number(desc, number))
		return fault_set(fault, -EINVAL, "Xen ELF note %u has a number of %zu bytes",
				 (unsigned int)type, desc->len);
	return 0;
}

static bool is_text(uint32_t type)
{
	return type == XEN_ELFNOTE_PAE_MODE || type == XEN_ELFNOTE_XEN_VERSION ||
	       type == XEN_ELFNOTE_GUEST_OS || type == XEN_ELFNOTE_LOADER;
}

/* Cuts @size bytes, padded to four, off the front; false when there are not as many. */
static bool cut(struct elf_bytes *from, size_t size, struct elf_bytes *out)
{
	size_t padded = (size + 3) & ~(size_t)3;

	if (size > from->len)
		return false;
	out->data = from->data;
	out->len = size;
	if (padded > from->len)
		padded = from->len;
	from->data += padded;
	from->len -= padded;
	return true;
}

/*
 * Cuts one note off the front: its type in *@type, its descriptor in *@desc. PV GRUB's last note
 * says that its text goes on behind the file: what there is of a text will do, but not of a number.
 */
static int cut_note(struct elf_bytes *from, uint32_t *type, bool *is_xen, struct elf_bytes *desc)
{
	struct elf_bytes head = { 0 }, name = { 0 };
	size_t size;

	if (!cut(from, 12, &head) || !cut(from, le32(head.data), &name))
		return -EINVAL;
	*type = le32(head.data + 8);
	*is_xen = name.len == 4 && !memcmp(name.data, "Xen", 4);
	size = le32(head.data + 4);
	if (cut(from, size, desc))
		return 0;
	cut(from, from->len, desc);
	return *is_xen && is_text(*type) && memchr(desc->data, '\0', desc->len) ? 0 : -EINVAL;
}

int elf_notes_read(struct elf_notes *notes, struct elf_bytes bytes, const uint8_t *file_end,
		   struct fault *fault)
{
	const uint8_t *end = bytes.data + bytes.len;
	struct elf_bytes desc = { 0 };
	uint32_t type;
	bool is_xen;
	int rc;

	bytes.len = file_end - bytes.data;
	while (end - bytes.data >= 12) {
		if (cut_note(&bytes, &type, &is_xen, &desc))
			return fault_set(fault, -EINVAL, "a note runs past the file's end");
		rc = is_xen ? read_xen_note(notes, type, &desc, fault) : 0;
		if (rc)
			return rc;
	}
	return 0;
}

/* --- __xen_guest: "KEY=value,KEY=value,..." --------------------------------------------------- */

static int guest_number(const char *key, const char *value, uint64_t *out, struct fault *fault)
{
	char *end;

	errno = 0;
	*out = strtoull(value, &end, 0);
	if (errno || end == value || *end)
		return fault_set(fault, -EINVAL, "__xen_guest: %s is not a number", key);
	return 0;
}

static int read_guest_pair(struct elf_notes *notes, const char *key, const char *value,
			   struct fault *fault)
{
	struct elf_bytes text = { (const uint8_t *)value, strlen(value) };

	if (!strcmp(key, "VIRT_BASE"))
		return guest_number(key, value, &notes->virt_base, fault);
	if (!strcmp(key, "VIRT_ENTRY"))
		return guest_number(key, value, &notes->entry, fault);
	if (!strcmp(key, "ELF_PADDR_OFFSET"))
		return guest_number(key, value, &notes->paddr_offset, fault);
	if (!strcmp(key, "HYPERCALL_PAGE")) {
		notes->hypercall_is_pfn = true;
		return guest_number(key, value, &notes->hypercall_page, fault);
	}
	if (!strcmp(key, "PAE"))
		read_pae(notes, &text, false);
	else if (!strcmp(key, "GUEST_OS"))
		NOTE_TEXT(notes, guest_os, &text);
	else if (!strcmp(key, "LOADER"))
		NOTE_TEXT(notes, loader, &text);
	else if (!strcmp(key, "XEN_VER"))
		NOTE_TEXT(notes, xen_version, &text);
	return 0;
}

int elf_notes_read_guest(struct elf_notes *notes, struct elf_bytes bytes, struct fault *fault)
{
	char text[1024], *pair, *next, *value;
	int rc = 0;

	copy_text(text, sizeof(text), bytes.data, bytes.len);
	notes->found = notes->pv = true;
	for (pair = text; pair && !rc; pair = next) {
		next = strchr(pair, ',');
		if (next)
			*next++ = '\0';
		value = strchr(pair, '=');
		if (!value)
			continue;
		*value++ = '\0';
		rc = read_guest_pair(notes, pair, value, fault);
	}
	return rc;
}
