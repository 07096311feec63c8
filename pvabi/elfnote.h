/* SPDX-License-Identifier: MIT */
/* ELF notes by which a kernel describes itself: name "Xen", these types. */

#ifndef __XEN_PUBLIC_ELFNOTE_H__
#define __XEN_PUBLIC_ELFNOTE_H__

/* Numbers have 4 or 8 bytes, whatever the class of the file; strings end with a zero byte. */
#define XEN_ELFNOTE_INFO		0	/* string: free text */
#define XEN_ELFNOTE_ENTRY		1	/* number: first instruction, linear address */
#define XEN_ELFNOTE_HYPERCALL_PAGE	2	/* number: page to fill, linear address */
#define XEN_ELFNOTE_VIRT_BASE		3	/* number: linear address of pfn 0 */
#define XEN_ELFNOTE_PADDR_OFFSET	4	/* number: subtracted from p_paddr */
#define XEN_ELFNOTE_XEN_VERSION		5	/* string: "xen-3.0" */
#define XEN_ELFNOTE_GUEST_OS		6	/* string */
#define XEN_ELFNOTE_GUEST_VERSION	7	/* string */
#define XEN_ELFNOTE_LOADER		8	/* string: "generic" */
#define XEN_ELFNOTE_PAE_MODE		9	/* string: "yes", "bimodal", "no" */
#define XEN_ELFNOTE_FEATURES		10	/* string: XENFEAT_* names, joined by | */
#define XEN_ELFNOTE_BSD_SYMTAB		11	/* string: "yes" loads the symbol table */
#define XEN_ELFNOTE_HV_START_LOW	12	/* number: lowest start of the hypervisor's range */
#define XEN_ELFNOTE_L1_MFN_VALID	13	/* pairs of numbers: mask, value of a valid entry */
#define XEN_ELFNOTE_SUSPEND_CANCEL	14	/* number: 1 if suspend may be cancelled */
#define XEN_ELFNOTE_INIT_P2M		15	/* number: where the p2m table shall be mapped */
#define XEN_ELFNOTE_MOD_START_PFN	16	/* number: 1 if the ramdisk need not be mapped */
#define XEN_ELFNOTE_SUPPORTED_FEATURES	17	/* number: XENFEAT_* bits */
#define XEN_ELFNOTE_PHYS32_ENTRY	18	/* number: entry of PVH, physical address */
#define XEN_ELFNOTE_MAX			XEN_ELFNOTE_PHYS32_ENTRY

/* Notes in a crash image of the machine. */
#define XEN_ELFNOTE_CRASH_INFO		0x1000001
#define XEN_ELFNOTE_CRASH_REGS		0x1000002

/* Notes in a core image of a domain. */
#define XEN_ELFNOTE_DUMPCORE_NONE		0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER		0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION	0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION	0x2000003

#endif /* __XEN_PUBLIC_ELFNOTE_H__ */
