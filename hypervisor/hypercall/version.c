/* SPDX-License-Identifier: GPL-2.0-only */
/* xen_version: which interface this is, and what it offers. */
#include "build.h"
#include "pvabi/version.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/version.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "pvabi/compat/version.h"

/* Guests that may not know something read this in its place. */
#define DENIED	"<denied>"

u32 version_features(bool is_privileged, u64 vm_assist)
{
	u32 features = 1u << XENFEAT_memory_op_vnode_supported |
		       1u << XENFEAT_mmu_pt_update_preserve_ad |
		       1u << XENFEAT_highmem_assist |
		       1u << XENFEAT_gnttab_map_avail_bits |
		       1u << XENFEAT_not_direct_mapped;

	if (vm_assist & 1u << VMASST_TYPE_pae_extended_cr3)
		features |= 1u << XENFEAT_pae_pgdir_above_4gb;
	if (is_privileged)
		features |= 1u << XENFEAT_dom0;
	return features;
}

void version_compile_info(struct xen_compile_info *info)
{
	memset(info, 0, sizeof(*info));
	str_copy(info->compiler, COMPILER, sizeof(info->compiler));
	/* Not who, where and when: the same sources give the same image anywhere at any time. */
	str_copy(info->compile_by, "paravane", sizeof(info->compile_by));
	str_copy(info->compile_domain, "localdomain", sizeof(info->compile_domain));
	str_copy(info->compile_date, BUILD_DATE, sizeof(info->compile_date));
}

/* Text of a fixed size, zeros behind it: no byte of ours goes out unwritten. */
static long give_text(gva_t arg, const char *text, size_t size)
{
	static const char zeros[sizeof(xen_capabilities_info_t)];
	size_t len = strlen(text);

	if (copy_to_guest(arg, text, len) || copy_to_guest(arg + len, zeros, size - len))
		return -EFAULT;
	return 0;
}

static long give_version(gva_t arg)
{
	(void)arg;
	return VERSION_MAJOR << 16 | VERSION_MINOR;
}

static long give_extraversion(gva_t arg)
{
	return give_text(arg, VERSION_EXTRA, sizeof(xen_extraversion_t));
}

static long give_compile_info(gva_t arg)
{
	struct xen_compile_info info;

	version_compile_info(&info);
	return copy_to_guest(arg, &info, sizeof(info));
}

static long give_capabilities(gva_t arg)
{
	return give_text(arg, VERSION_CAPABILITIES, sizeof(xen_capabilities_info_t));
}

static long give_changeset(gva_t arg)
{
	return give_text(arg, BUILD_CHANGESET, sizeof(xen_changeset_info_t));
}

static long give_platform_parameters(gva_t arg)
{
	u64 wide = HV_VIRT_START;
	u32 narrow = current->domain->compat_m2p_start;

	if (guest_is_pv32())
		return copy_to_guest(arg, &narrow, sizeof(narrow));
	return copy_to_guest(arg, &wide, sizeof(wide));
}

static long give_features(gva_t arg)
{
	struct xen_feature_info info;

	if (copy_from_guest(&info, arg, sizeof(info)))
		return -EFAULT;
	if (info.submap_idx)
		return -EINVAL;
	info.submap = version_features(current->domain->is_privileged,
				       current->domain->vm_assist);
	return copy_to_guest(arg, &info, sizeof(info));
}

static long give_pagesize(gva_t arg)
{
	return arg ? -EINVAL : (long)PAGE_SIZE;
}

static long give_guest_handle(gva_t arg)
{
	return copy_to_guest(arg, current->domain->handle, sizeof(current->domain->handle));
}

static long give_commandline(gva_t arg)
{
	if (!current->domain->is_privileged)
		return copy_to_guest(arg, DENIED, sizeof(DENIED));
	return give_text(arg, machine_cmdline, sizeof(xen_commandline_t));
}

/* The linker's note: sizes of name and description, type, "GNU", and the id. */
extern const struct build_id_note {
	u32 name_size, id_size, type;
	char name[4];
	u8 id[];
} build_id_note;

/* Its length; the id goes into the buffer, if there is one. */
static long give_build_id(gva_t arg)
{
	u32 room, size = build_id_note.id_size;

	if (!current->domain->is_privileged)
		return -EPERM;
	if (!arg)
		return size;
	if (copy_from_guest(&room, arg, sizeof(room)))
		return -EFAULT;
	if (!room)
		return -EINVAL;
	if (room < size)
		return -ENOBUFS;
	if (copy_to_guest(arg + sizeof(room), build_id_note.id, size))
		return -EFAULT;
	return size;
}

static long (*const answers[])(gva_t arg) = {
	[XENVER_version] = give_version,
	[XENVER_extraversion] = give_extraversion,
	[XENVER_compile_info] = give_compile_info,
	[XENVER_capabilities] = give_capabilities,
	[XENVER_changeset] = give_changeset,
	[XENVER_platform_parameters] = give_platform_parameters,
	[XENVER_get_features] = give_features,
	[XENVER_pagesize] = give_pagesize,
	[XENVER_guest_handle] = give_guest_handle,
	[XENVER_commandline] = give_commandline,
	[XENVER_build_id] = give_build_id,
};

_Static_assert(CMDLINE_MAX <= sizeof(xen_commandline_t), "fits what guests give room for");

long do_xen_version(u64 cmd, u64 arg)
{
	u32 index = (u32)cmd;

	return index < ARRAY_SIZE(answers) ? answers[index](arg) : -ENOSYS;
}
