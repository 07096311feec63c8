/* SPDX-License-Identifier: GPL-2.0-only */
/* Gets at the ELF file in a kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/builder/inflate.h"
#include "tools/builder/kernel_image.h"
#include "tools/builder/xz.h"

#define MAX_SIZE (256u << 20) /* unpacked */

/* Linux' boot protocol 2.08: where the packed kernel lies. */
#define SETUP_SECTORS  0x1f1
#define BOOT_FLAG      0x1fe
#define MAGIC	       0x202
#define VERSION	       0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END     0x250

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool is_bzimage(const uint8_t *p, size_t len)
{
	return len > HEADER_END && p[BOOT_FLAG] == 0x55 && p[BOOT_FLAG + 1] == 0xaa &&
	       !memcmp(p + MAGIC, "HdrS", 4) && (p[VERSION] | p[VERSION + 1] << 8) >= 0x208;
}

static int find_payload(const struct build_image *kernel, struct build_image *payload,
			struct fault *fault)
{
	const uint8_t *p = kernel->data;
	size_t setup = ((p[SETUP_SECTORS] ? p[SETUP_SECTORS] : 4) + 1) * 512u;
	uint32_t offset = le32(p + PAYLOAD_OFFSET), length = le32(p + PAYLOAD_LENGTH);

	if (setup > kernel->len || offset > kernel->len - setup ||
	    length > kernel->len - setup - offset || length < 4)
		return fault_set(fault, -ENOEXEC, "the bzImage is cut off");
	payload->data = p + setup + offset;
	payload->len = length;
	return 0;
}

/* What is cut off seems to claim any size. */
static const char *gzip_fault(int rc)
{
	if (rc == -ENOMEM)
		return "no memory to unpack it in the control domain";
	return rc == -EFBIG ? "damaged gzip data, or of more than 256 MiB" : "damaged gzip data";
}

static int unpack_gzip(const struct build_image *packed, struct build_image *elf, void **unpacked,
		       struct fault *fault)
{
	int rc = gzip_unpack(packed->data, packed->len, MAX_SIZE, unpacked, &elf->len);

	elf->data = *unpacked;
	return rc ? fault_set(fault, rc, "%s", gzip_fault(rc)) : 0;
}

/* The kernel's build puts the size behind xz data, where gzip has it by itself. */
static int unpack_xz(const struct build_image *packed, struct build_image *elf, void **unpacked,
		     struct fault *fault)
{
	size_t size = le32((const uint8_t *)packed->data + packed->len - 4);
	void *out;
	int rc;

	if (size > MAX_SIZE)
		return fault_set(fault, -EFBIG, "its xz data claims %zu MiB", size >> 20);
	out = malloc(size ? size : 1);
	if (!out)
		return fault_set(fault, -ENOMEM,
				 "no memory to unpack %zu MiB in the control domain", size >> 20);
	rc = xz_unpack(packed->data, packed->len - 4, out, size);
	if (rc) {
		free(out);
		return fault_set(fault, rc, "damaged xz data (%s)", strerror(-rc));
	}
	*unpacked = out;
	elf->data = out;
	elf->len = size;
	return 0;
}

int kernel_unpack(const struct build_image *kernel, struct build_image *elf, void **unpacked,
		  struct fault *fault)
{
	struct build_image packed = *kernel;
	bool boxed = is_bzimage(kernel->data, kernel->len);
	int rc;

	*unpacked = NULL;
	*elf = *kernel;
	if (boxed) {
		rc = find_payload(kernel, &packed, fault);
		if (rc)
			return rc;
	}
	if (gzip_detect(packed.data, packed.len))
		return unpack_gzip(&packed, elf, unpacked, fault);
	if (xz_detect(packed.data, packed.len))
		return unpack_xz(&packed, elf, unpacked, fault);
	if (boxed)
		return fault_set(fault, -ENOEXEC, "a bzImage packed neither by gzip nor by xz");
	return 0;
}
