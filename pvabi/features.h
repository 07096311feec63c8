/* SPDX-License-Identifier: MIT */
/* Bits of XENVER_get_features and of the ELF notes XEN_ELFNOTE_(SUPPORTED_)FEATURES. */

#ifndef __XEN_PUBLIC_FEATURES_H__
#define __XEN_PUBLIC_FEATURES_H__

/*
 * From the hypervisor: what a guest may rely on. In a guest's note: what it can live with; a
 * leading `!` in the string form says that it cannot live without.
 */
#define XENFEAT_writable_page_tables		0	/* no need for read-only tables */
#define XENFEAT_writable_descriptor_tables	1	/* nor for read-only GDT and LDT */
#define XENFEAT_auto_translated_physmap		2	/* frames are pseudo-physical */
#define XENFEAT_supervisor_mode_kernel		3	/* the kernel runs at ring 0 */
#define XENFEAT_pae_pgdir_above_4gb		4	/* PAE roots may lie above 4 GiB */
#define XENFEAT_mmu_pt_update_preserve_ad	5	/* MMU_PT_UPDATE_PRESERVE_AD is served */
#define XENFEAT_highmem_assist			6	/* MMUEXT_CLEAR_PAGE and _COPY_PAGE are */
#define XENFEAT_gnttab_map_avail_bits		7	/* GNTMAP_guest_avail_mask is honoured */
#define XENFEAT_hvm_callback_vector		8
#define XENFEAT_hvm_safe_pvclock		9
#define XENFEAT_hvm_pirqs			10
#define XENFEAT_dom0				11	/* can be the control domain */
#define XENFEAT_memory_op_vnode_supported	13	/* XENMEMF_vnode is honoured */
#define XENFEAT_ARM_SMCCC_supported		14
#define XENFEAT_linux_rsdp_unrestricted		15	/* no address limit for the ACPI root */
#define XENFEAT_not_direct_mapped		16
#define XENFEAT_direct_mapped			17

#define XENFEAT_NR_SUBMAPS			1	/* words of 32 bits */

#endif /* __XEN_PUBLIC_FEATURES_H__ */
