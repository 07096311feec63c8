/* SPDX-License-Identifier: GPL-2.0-only */
/* The Multiboot2 information: a list of tags. */
#include "hypervisor/boot/boot_parse.h"
#include "hypervisor/boot/multiboot.h"

#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"

#define MB2_INFO_MAX	MiB(1)

struct mb2_info {
	u32 total_size, reserved;
};

struct mb2_tag {
	u32 type, size;		/* size with this header, without padding to 8 */
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start, end;
	char string[];
};

struct mb2_mmap {
	struct mb2_tag tag;
	u32 entry_size, entry_version;
	u8 entries[];
};

struct mb2_mmap_entry {
	u64 base, length;
	u32 type, reserved;
};

struct mb2_framebuffer {
	struct mb2_tag tag;
	u64 address;
	u32 pitch, width, height;
	u8 bpp, type;
	u16 reserved;
};

/* The text that fills the tag from @at on; it may lack its final zero. */
static void copy_text(char *dst, size_t size, const struct mb2_tag *tag, size_t at)
{
	const char *text = (const char *)tag + at;
	size_t n = MIN(strnlen(text, tag->size - at), size - 1);

	memcpy(dst, text, n);
	dst[n] = '\0';
}

static void parse_module(struct boot_info *info, const struct mb2_tag *tag)
{
	const struct mb2_module *m = (const struct mb2_module *)tag;
	char string[MODULE_STRING_MAX];

	copy_text(string, sizeof(string), tag, sizeof(*m));
	boot_add_module(info, m->start, m->end, string);
}

static void parse_mmap(struct boot_info *info, const struct mb2_tag *tag)
{
	const struct mb2_mmap *mmap = (const struct mb2_mmap *)tag;
	u32 bytes = tag->size - sizeof(*mmap);

	if (mmap->entry_size < sizeof(struct mb2_mmap_entry))
		return;
	for (u32 at = 0; bytes - at >= mmap->entry_size; at += mmap->entry_size) {
		struct mb2_mmap_entry e;

		memcpy(&e, mmap->entries + at, sizeof(e));
		boot_add_region(info, e.base, e.length, e.type);
	}
}

static void parse_framebuffer(struct boot_info *info, const struct mb2_tag *tag)
{
	const struct mb2_framebuffer *fb = (const struct mb2_framebuffer *)tag;

	info->framebuffer = (struct boot_framebuffer){ fb->address, fb->pitch, fb->width,
						       fb->height,  fb->bpp,   fb->type, true };
}

static void copy_rsdp(struct boot_info *info, const struct mb2_tag *tag)
{
	u32 len = MIN(tag->size - (u32)sizeof(*tag), (u32)sizeof(info->rsdp));

	/* The newer root pointer is the longer one; keep that one whatever the order. */
	if (len <= info->rsdp_len)
		return;
	memcpy(info->rsdp, tag + 1, len);
	info->rsdp_len = len;
}

static void parse_text(struct boot_info *info, const struct mb2_tag *tag)
{
	if (tag->type == MB2_TAG_CMDLINE)
		copy_text(info->cmdline, sizeof(info->cmdline), tag, sizeof(*tag));
	else
		copy_text(info->loader, sizeof(info->loader), tag, sizeof(*tag));
}

static void note_efi(struct boot_info *info, const struct mb2_tag *tag)
{
	(void)tag;
	info->is_efi = true;
}

static const struct {
	u32 type, min_size;
	void (*parse)(struct boot_info *info, const struct mb2_tag *tag);
} tags[] = {
	{ MB2_TAG_CMDLINE, sizeof(struct mb2_tag), parse_text },
	{ MB2_TAG_LOADER, sizeof(struct mb2_tag), parse_text },
	{ MB2_TAG_MODULE, sizeof(struct mb2_module), parse_module },
	{ MB2_TAG_MMAP, sizeof(struct mb2_mmap), parse_mmap },
	{ MB2_TAG_FRAMEBUFFER, sizeof(struct mb2_framebuffer) - 2, parse_framebuffer },
	{ MB2_TAG_EFI64, sizeof(struct mb2_tag), note_efi },
	{ MB2_TAG_ACPI_OLD, sizeof(struct mb2_tag), copy_rsdp },
	{ MB2_TAG_ACPI_NEW, sizeof(struct mb2_tag), copy_rsdp },
};

static void parse_tag(struct boot_info *info, const struct mb2_tag *tag)
{
	for (unsigned i = 0; i < ARRAY_SIZE(tags); i++)
		if (tags[i].type == tag->type && tag->size >= tags[i].min_size)
			tags[i].parse(info, tag);
}

int multiboot2_parse(struct boot_info *info, u32 at, boot_read_fn read)
{
	const struct mb2_info *head = at % 8 ? NULL : read(at, sizeof(*head));
	u32 total = head ? MIN(head->total_size, (u32)MB2_INFO_MAX) : 0;
	const u8 *base = total > sizeof(*head) ? read(at, total) : NULL;

	if (!base)
		return -EINVAL;
	for (u32 offset = sizeof(*head); total - offset >= sizeof(struct mb2_tag);) {
		const struct mb2_tag *tag = (const struct mb2_tag *)(base + offset);

		if (tag->size < sizeof(*tag) || tag->size > total - offset ||
		    tag->type == MB2_TAG_END)
			break;
		parse_tag(info, tag);
		offset += MIN((u32)ROUND_UP((u64)tag->size, 8), total - offset);
	}
	boot_finish(info);
	return info->map.nr ? 0 : -EINVAL;
}
