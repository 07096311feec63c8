/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a PV kernel says about itself: ELF notes of the name "Xen" in note segments or sections, or,
 * in older kernels, one string of KEY=value words in a section named `__xen_guest`.
 */
#include "hypervisor/boot/elf.h"

#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "pvabi/elfnote.h"
#include "pvabi/features.h"

/* --- features -------------------------------------------------------------------------------- */

static const char *const feature_names[] = {
	[XENFEAT_writable_page_tables] = "writable_page_tables",
	[XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
	[XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
	[XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
	[XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
	[XENFEAT_dom0] = "dom0",
};

static u32 feature_bit(const char *name, size_t len)
{
	for (unsigned i = 0; i < ARRAY_SIZE(feature_names); i++)
		if (feature_names[i] && strlen(feature_names[i]) == len &&
		    !memcmp(feature_names[i], name, len))
			return 1u << i;
	return 0;
}

/* name|!name|...: whether a feature is needed or only usable makes no difference to us. */
static u32 parse_features(const char *text, size_t len)
{
	u32 features = 0;

	for (size_t i = 0; i < len;) {
		size_t end = i;

		while (end < len && text[end] != '|')
			end++;
		if (text[i] == '!')
			i++;
		features |= feature_bit(text + i, end - i);
		i = end + 1;
	}
	return features;
}

static bool text_is(const char *text, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(text, what, len);
}

static bool text_starts(const char *text, size_t len, const char *what)
{
	return len >= strlen(what) && !memcmp(text, what, strlen(what));
}

/* Kernels new enough for notes take page-table roots anywhere; older ones said so in brackets. */
static enum pae_mode parse_pae(const char *text, size_t len, bool is_note)
{
	if (text_starts(text, len, "bimodal"))
		return PAE_ANYWHERE;
	if (!text_starts(text, len, "yes"))
		return PAE_NONE;
	return is_note || text_is(text, len, "yes[extended-cr3]") ? PAE_ANYWHERE : PAE_BELOW_4G;
}

static void keep_text(char *dst, size_t size, const char *text, size_t len)
{
	len = MIN(len, size - 1);
	memcpy(dst, text, len);
	dst[len] = '\0';
}

/* --- notes ----------------------------------------------------------------------------------- */

struct note {
	u32 type;
	const u8 *desc;
	u32 desc_len;
};

/* Numbers come in the size the kernel's author found handy. */
static u64 note_number(const struct note *n)
{
	u64 value = 0;

	memcpy(&value, n->desc, MIN(n->desc_len, 8u));
	return value;
}

static void read_note(struct pv_kernel *k, const struct note *n)
{
	const char *text = (const char *)n->desc;
	size_t len = strnlen(text, n->desc_len);

	switch (n->type) {
	case XEN_ELFNOTE_ENTRY:
		k->entry = note_number(n);
		break;
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		k->hypercall_page = note_number(n);
		break;
	case XEN_ELFNOTE_VIRT_BASE:
		k->virt_base = note_number(n);
		break;
	case XEN_ELFNOTE_PADDR_OFFSET:
		k->paddr_offset = note_number(n);
		break;
	case XEN_ELFNOTE_HV_START_LOW:
		k->hv_start_low = note_number(n);
		break;
	case XEN_ELFNOTE_INIT_P2M:
		k->p2m_base = note_number(n);
		break;
	case XEN_ELFNOTE_MOD_START_PFN:
		k->mod_start_pfn = note_number(n) != 0;
		break;
	case XEN_ELFNOTE_SUPPORTED_FEATURES:
		k->features |= (u32)note_number(n);
		k->has_supported_features = true;
		break;
	case XEN_ELFNOTE_FEATURES:
		k->features |= parse_features(text, len);
		break;
	case XEN_ELFNOTE_PAE_MODE:
		k->pae = parse_pae(text, len, true);
		break;
	case XEN_ELFNOTE_GUEST_OS:
		keep_text(k->os, sizeof(k->os), text, len);
		break;
	case XEN_ELFNOTE_LOADER:
		keep_text(k->loader, sizeof(k->loader), text, len);
		break;
	case XEN_ELFNOTE_XEN_VERSION:
		keep_text(k->version, sizeof(k->version), text, len);
		break;
	default:
		break;		/* not about starting it as the first domain */
	}
}

/* One note at @*at, which moves behind it; false at the end of what can be read. */
static bool next_note(const u8 **at, const u8 *end, struct note *n, bool *is_xen)
{
	u32 head[3];
	u64 name_room, left;

	if ((u64)(end - *at) < sizeof(head))
		return false;
	memcpy(head, *at, sizeof(head));
	left = (u64)(end - *at) - sizeof(head);
	name_room = ROUND_UP((u64)head[0], 4);
	if (name_room > left || head[1] > left - name_room)
		return false;
	n->type = head[2];
	n->desc = *at + sizeof(head) + name_room;
	n->desc_len = head[1];
	*is_xen = head[0] == 4 && !memcmp(*at + sizeof(head), "Xen", 4);
	*at = n->desc + MIN(ROUND_UP((u64)head[1], 4), left - name_room);
	return true;
}

static unsigned read_notes_in(struct pv_kernel *k, u64 offset, u64 size)
{
	const u8 *at = elf_bytes(&k->file, offset, size), *end;
	unsigned found = 0;
	struct note n;
	bool is_xen;

	if (!at)
		return 0;
	for (end = at + size; next_note(&at, end, &n, &is_xen);) {
		if (!is_xen)
			continue;
		read_note(k, &n);
		found++;
	}
	return found;
}

static unsigned read_all_notes(struct pv_kernel *k)
{
	unsigned found = 0;
	struct elf_phdr p;
	struct elf_shdr s;

	for (unsigned i = 0; elf_segment(&k->file, i, &p); i++)
		if (p.type == PT_NOTE)
			found += read_notes_in(k, p.offset, p.filesz);
	for (unsigned i = 0; !found && elf_section(&k->file, i, &s); i++)
		if (s.type == SHT_NOTE)
			found += read_notes_in(k, s.offset, s.size);
	return found;
}

/* --- __xen_guest ----------------------------------------------------------------------------- */

static u64 text_number(const char *text, size_t len)
{
	char copy[24];

	keep_text(copy, sizeof(copy), text, len);
	return str_to_u64(copy, NULL, 0);
}

/* The hypercall page is given as a page number, relative to a VIRT_BASE that may come later. */
struct guest_string {
	u64 hypercall_pfn;
};

static void read_word(struct pv_kernel *k, struct guest_string *g, const char *key, size_t key_len,
		      const char *value, size_t len)
{
	if (text_is(key, key_len, "GUEST_OS"))
		keep_text(k->os, sizeof(k->os), value, len);
	else if (text_is(key, key_len, "LOADER"))
		keep_text(k->loader, sizeof(k->loader), value, len);
	else if (text_is(key, key_len, "XEN_VER"))
		keep_text(k->version, sizeof(k->version), value, len);
	else if (text_is(key, key_len, "PAE"))
		k->pae = parse_pae(value, len, false);
	else if (text_is(key, key_len, "VIRT_BASE"))
		k->virt_base = text_number(value, len);
	else if (text_is(key, key_len, "VIRT_ENTRY"))
		k->entry = text_number(value, len);
	else if (text_is(key, key_len, "ELF_PADDR_OFFSET"))
		k->paddr_offset = text_number(value, len);
	else if (text_is(key, key_len, "HYPERCALL_PAGE"))
		g->hypercall_pfn = text_number(value, len);
	else if (text_is(key, key_len, "FEATURES"))
		k->features |= parse_features(value, len);
}

static bool read_guest_section(struct pv_kernel *k)
{
	struct guest_string g = { NO_ADDR };
	struct elf_shdr s;
	const char *text;
	size_t len;

	if (!elf_find_section(&k->file, "__xen_guest", &s) || s.type == SHT_NOBITS)
		return false;
	text = (const char *)elf_bytes(&k->file, s.offset, s.size);
	if (!text)
		return false;
	len = strnlen(text, s.size);
	for (size_t i = 0; i < len;) {
		size_t eq, end;

		for (end = i; end < len && text[end] != ','; end++)
			;
		for (eq = i; eq < end && text[eq] != '='; eq++)
			;
		read_word(k, &g, text + i, eq - i, text + MIN(eq + 1, end), end - MIN(eq + 1, end));
		i = end + 1;
	}
	if (k->virt_base == NO_ADDR)
		k->virt_base = 0;
	/* Kernels of that age have linear addresses in p_paddr. */
	if (k->paddr_offset == NO_ADDR)
		k->paddr_offset = k->virt_base;
	if (g.hypercall_pfn != NO_ADDR)
		k->hypercall_page = k->virt_base + (g.hypercall_pfn << PAGE_SHIFT);
	return true;
}

static int check_names(const struct pv_kernel *k, const char **why)
{
	*why = "was made for another loader than the generic one";
	if (k->loader[0] && strcmp(k->loader, "generic"))
		return -EINVAL;
	*why = "was made for another interface than xen-3.0";
	if (k->version[0] && strcmp(k->version, "xen-3.0"))
		return -EINVAL;
	return 0;
}

int pv_kernel_read_notes(struct pv_kernel *k, const char **why)
{
	if (!read_all_notes(k) && !read_guest_section(k)) {
		*why = "is no Xen PV kernel: it has neither ELF notes nor a __xen_guest section";
		return -ENOEXEC;
	}
	*why = "gives a PADDR_OFFSET without a VIRT_BASE";
	if (k->paddr_offset != NO_ADDR && k->virt_base == NO_ADDR)
		return -EINVAL;
	if (k->virt_base == NO_ADDR)
		k->virt_base = 0;
	if (k->paddr_offset == NO_ADDR)
		k->paddr_offset = 0;
	return check_names(k, why);
}
