/* SPDX-License-Identifier: MIT */
/* The centre of the interface: hypercall numbers, VIRQs, page-table updates, shared pages. */

#ifndef __XEN_PUBLIC_XEN_H__
#define __XEN_PUBLIC_XEN_H__

#include "xen-compat.h"
#include "types.h"
#include "arch-x86/xen.h"

/*
 * Hypercall numbers. The result is zero or positive for success, or a negative XEN_E* value; a
 * number which is not served gives -XEN_ENOSYS. Arguments: see hypercalls.def.
 */
#define __HYPERVISOR_set_trap_table			0
#define __HYPERVISOR_mmu_update				1
#define __HYPERVISOR_set_gdt				2
#define __HYPERVISOR_stack_switch			3
#define __HYPERVISOR_set_callbacks			4
#define __HYPERVISOR_fpu_taskswitch			5
#define __HYPERVISOR_sched_op_compat			6
#define __HYPERVISOR_platform_op			7
#define __HYPERVISOR_set_debugreg			8
#define __HYPERVISOR_get_debugreg			9
#define __HYPERVISOR_update_descriptor			10
#define __HYPERVISOR_memory_op				12
#define __HYPERVISOR_multicall				13
#define __HYPERVISOR_update_va_mapping			14
#define __HYPERVISOR_set_timer_op			15
#define __HYPERVISOR_event_channel_op_compat		16
#define __HYPERVISOR_xen_version			17
#define __HYPERVISOR_console_io				18
#define __HYPERVISOR_physdev_op_compat			19
#define __HYPERVISOR_grant_table_op			20
#define __HYPERVISOR_vm_assist				21
#define __HYPERVISOR_update_va_mapping_otherdomain	22
#define __HYPERVISOR_iret				23
#define __HYPERVISOR_vcpu_op				24
#define __HYPERVISOR_set_segment_base			25
#define __HYPERVISOR_mmuext_op				26
#define __HYPERVISOR_xsm_op				27
#define __HYPERVISOR_nmi_op				28
#define __HYPERVISOR_sched_op				29
#define __HYPERVISOR_callback_op			30
#define __HYPERVISOR_xenoprof_op			31
#define __HYPERVISOR_event_channel_op			32
#define __HYPERVISOR_physdev_op				33
#define __HYPERVISOR_hvm_op				34
#define __HYPERVISOR_sysctl				35
#define __HYPERVISOR_domctl				36
#define __HYPERVISOR_kexec_op				37
#define __HYPERVISOR_tmem_op				38
#define __HYPERVISOR_argo_op				39
#define __HYPERVISOR_xenpmu_op				40
#define __HYPERVISOR_dm_op				41
#define __HYPERVISOR_hypfs_op				42
#define __HYPERVISOR_arch_0				48
#define __HYPERVISOR_arch_1				49
#define __HYPERVISOR_arch_2				50
#define __HYPERVISOR_arch_3				51
#define __HYPERVISOR_arch_4				52
#define __HYPERVISOR_arch_5				53
#define __HYPERVISOR_arch_6				54
#define __HYPERVISOR_arch_7				55

/*
 * Virtual interrupts. "vcpu": each vCPU binds its own, for good. "global": one for the domain,
 * first bound to vCPU 0 and then moved at will; those marked "control" go to the control domain
 * (or the domain named by XEN_DOMCTL_set_virq_handler).
 */
#define VIRQ_TIMER	0	/* vcpu: the timer asked for has expired, or the time has changed */
#define VIRQ_DEBUG	1	/* vcpu: please print the state of the guest */
#define VIRQ_CONSOLE	2	/* global, control: input on the emergency console */
#define VIRQ_DOM_EXC	3	/* global, control: a domain has died or shut down */
#define VIRQ_TBUF	4	/* global, control: trace records wait */
#define VIRQ_DEBUGGER	6	/* global, control: a domain stopped for its debugger */
#define VIRQ_XENOPROF	7	/* vcpu: profiling samples wait */
#define VIRQ_CON_RING	8	/* global, control: new text in the console ring */
#define VIRQ_PCPU_STATE	9	/* global, control: a CPU came or went */
#define VIRQ_MEM_EVENT	10	/* global, control: a memory event occurred */
#define VIRQ_ARGO	11	/* global: an argo message arrived */
#define VIRQ_ENOMEM	12	/* global, control: free memory runs low */
#define VIRQ_XENPMU	13	/* vcpu: a performance counter overflowed */
#define VIRQ_ARCH_0	16
#define VIRQ_ARCH_1	17
#define VIRQ_ARCH_2	18
#define VIRQ_ARCH_3	19
#define VIRQ_ARCH_4	20
#define VIRQ_ARCH_5	21
#define VIRQ_ARCH_6	22
#define VIRQ_ARCH_7	23
#define NR_VIRQS	24

/*
 * HYPERVISOR_mmu_update(reqs, count, done, foreigndom): writes page-table entries and M2P entries.
 * foreigndom: bits 15:0 the owner of the frames to be mapped (DOMID_SELF for one's own, DOMID_IO
 * for device memory only, DOMID_XEN for shared pages of the hypervisor); bits 31:16, less one, the
 * owner of the tables, or zero for oneself. *done gets the number of requests carried out.
 *
 * The command stands in the two low bits of mmu_update.ptr:
 * MMU_NORMAL_PT_UPDATE		ptr: machine address of the entry; val: its new contents
 * MMU_MACHPHYS_UPDATE		ptr: machine address within the frame; val: its new pfn
 * MMU_PT_UPDATE_PRESERVE_AD	as the first, accessed and dirty bits of the old entry are kept
 * MMU_PT_UPDATE_NO_TRANSLATE	as the first, for callers whose val is machine frames already
 *
 * A table is validated as a whole before it is used, and is never writable to its owner meanwhile.
 */
#define MMU_NORMAL_PT_UPDATE		0
#define MMU_MACHPHYS_UPDATE		1
#define MMU_PT_UPDATE_PRESERVE_AD	2
#define MMU_PT_UPDATE_NO_TRANSLATE	3

/* HYPERVISOR_mmuext_op(ops, count, done, foreigndom): commands, with the arguments they take. */
#define MMUEXT_PIN_L1_TABLE		0	/* mfn: validate the table and keep it so */
#define MMUEXT_PIN_L2_TABLE		1	/* mfn */
#define MMUEXT_PIN_L3_TABLE		2	/* mfn */
#define MMUEXT_PIN_L4_TABLE		3	/* mfn */
#define MMUEXT_UNPIN_TABLE		4	/* mfn */
#define MMUEXT_NEW_BASEPTR		5	/* mfn: load this root */
#define MMUEXT_TLB_FLUSH_LOCAL		6
#define MMUEXT_INVLPG_LOCAL		7	/* linear_addr */
#define MMUEXT_TLB_FLUSH_MULTI		8	/* vcpumask */
#define MMUEXT_INVLPG_MULTI		9	/* linear_addr, vcpumask */
#define MMUEXT_TLB_FLUSH_ALL		10
#define MMUEXT_INVLPG_ALL		11	/* linear_addr */
#define MMUEXT_FLUSH_CACHE		12
#define MMUEXT_SET_LDT			13	/* linear_addr (page-aligned), nr_ents */
#define MMUEXT_NEW_USER_BASEPTR		15	/* mfn: root for user mode (x86-64), 0 for none */
#define MMUEXT_CLEAR_PAGE		16	/* mfn */
#define MMUEXT_COPY_PAGE		17	/* mfn: destination; src_mfn */
#define MMUEXT_FLUSH_CACHE_GLOBAL	18
#define MMUEXT_MARK_SUPER		19	/* mfn: first of a superpage */
#define MMUEXT_UNMARK_SUPER		20	/* mfn */

/*
 * HYPERVISOR_update_va_mapping(va, val, flags): writes the L1 entry that maps va, then flushes:
 * nothing, the TLB, or the one page; on this vCPU, on those in the bitmap whose address is or-ed
 * in (UVMF_MULTI), or on all.
 */
#define UVMF_NONE		(xen_mk_ulong(0) << 0)
#define UVMF_TLB_FLUSH		(xen_mk_ulong(1) << 0)
#define UVMF_INVLPG		(xen_mk_ulong(2) << 0)
#define UVMF_FLUSHTYPE_MASK	(xen_mk_ulong(3) << 0)
#define UVMF_MULTI		(xen_mk_ulong(0) << 2)
#define UVMF_LOCAL		(xen_mk_ulong(0) << 2)
#define UVMF_ALL		(xen_mk_ulong(1) << 2)

/* HYPERVISOR_console_io(cmd, count, buffer): 0, or for a read the number of bytes. */
#define CONSOLEIO_write		0
#define CONSOLEIO_read		1

/* HYPERVISOR_vm_assist(cmd, type). */
#define VMASST_CMD_enable		0
#define VMASST_CMD_disable		1

#define VMASST_TYPE_4gb_segments	0	/* pv32: emulate accesses beyond segment limits */
#define VMASST_TYPE_4gb_segments_notify	1	/* pv32: tell the guest by vector 15 of each such */
#define VMASST_TYPE_writable_pagetables	2	/* emulate plain writes to L1 tables */
#define VMASST_TYPE_pae_extended_cr3	3	/* pv32: roots above 4 GiB, see xen_pfn_to_cr3() */
#define VMASST_TYPE_architectural_iopl	4	/* virtual IOPL in eflags, as hardware has it */
#define VMASST_TYPE_runstate_update_flag 5	/* XEN_RUNSTATE_UPDATE is set during updates */
#define VMASST_TYPE_m2p_strict		32	/* pv64: no M2P table in user mode */

/* Domain identifiers that name no ordinary domain. */
#define DOMID_FIRST_RESERVED	xen_mk_uint(0x7FF0)
#define DOMID_SELF		xen_mk_uint(0x7FF0)	/* the caller */
#define DOMID_IO		xen_mk_uint(0x7FF1)	/* owner of device memory */
#define DOMID_XEN		xen_mk_uint(0x7FF2)	/* owner of pages the hypervisor shares */
#define DOMID_COW		xen_mk_uint(0x7FF3)	/* owner of pages shared by content */
#define DOMID_INVALID		xen_mk_uint(0x7FF4)	/* no domain, or owner unknown */
#define DOMID_IDLE		xen_mk_uint(0x7FFF)	/* the idle vCPUs */
#define DOMID_MASK		xen_mk_uint(0x7FFF)

/* start_info.flags. */
#define SIF_PRIVILEGED		(1 << 0)	/* may use control operations */
#define SIF_INITDOMAIN		(1 << 1)	/* is the first domain */
#define SIF_MULTIBOOT_MOD	(1 << 2)	/* mod_start: struct xen_multiboot_mod_list[] */
#define SIF_MOD_START_PFN	(1 << 3)	/* mod_start is a pfn, the module is not mapped */
#define SIF_VIRT_P2M_4TOOLS	(1 << 4)	/* tools understand arch_shared_info.p2m_vaddr */
#define SIF_PM_MASK		(0xFF << 8)	/* power-management bits of the first domain */

#define MAX_GUEST_CMDLINE	1024

/* vcpu_time_info.flags. */
#define XEN_PVCLOCK_TSC_STABLE_BIT	(1 << 0)	/* monotonic across vCPUs */
#define XEN_PVCLOCK_GUEST_STOPPED	(1 << 1)	/* the guest was paused; do not cry wolf */

/* dom0_vga_console_info.video_type. */
#define XEN_VGATYPE_TEXT_MODE_3	0x03
#define XEN_VGATYPE_VESA_LFB	0x23
#define XEN_VGATYPE_EFI_LFB	0x70

#ifndef __ASSEMBLY__

typedef uint16_t domid_t;

struct mmuext_op {
	unsigned int cmd;			/* MMUEXT_* */
	union {
		xen_pfn_t mfn;
		unsigned long linear_addr;
	} arg1;
	union {
		unsigned int nr_ents;
		XEN_GUEST_HANDLE(const_void) vcpumask;
		xen_pfn_t src_mfn;
	} arg2;
};
typedef struct mmuext_op mmuext_op_t;
DEFINE_XEN_GUEST_HANDLE(mmuext_op_t);

/* Sixty-four bits each for guests of both widths. */
struct mmu_update {
	uint64_t ptr;				/* machine address, command in bits 1:0 */
	uint64_t val;
};
typedef struct mmu_update mmu_update_t;
DEFINE_XEN_GUEST_HANDLE(mmu_update_t);

/* HYPERVISOR_multicall(calls, nr_calls): done in order, each result stored; not nested. */
struct multicall_entry {
	xen_ulong_t op, result;
	xen_ulong_t args[6];
};
typedef struct multicall_entry multicall_entry_t;
DEFINE_XEN_GUEST_HANDLE(multicall_entry_t);

/*
 * The clock of a vCPU. `version` is odd while the rest is being changed: read it, the rest, and it
 * again until both readings are even and the same.
 *
 *	now = system_time + ((((tsc - tsc_timestamp) << tsc_shift) * tsc_to_system_mul) >> 32)
 *
 * (a negative tsc_shift shifts right), in nanoseconds since boot.
 */
struct vcpu_time_info {
	uint32_t version;
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags;				/* XEN_PVCLOCK_* */
	uint8_t pad1[2];
};
typedef struct vcpu_time_info vcpu_time_info_t;

/*
 * What a vCPU shares with the hypervisor; 64 bytes. `evtchn_upcall_pending` is set before an
 * upcall and cleared by the guest before it scans evtchn_pending_sel. `evtchn_upcall_mask` takes
 * the place of the interrupt flag: non-zero holds upcalls back. Only the CPU on which the vCPU
 * runs looks at the mask, so the guest needs no locked instruction to change it.
 */
struct vcpu_info {
	uint8_t evtchn_upcall_pending;
	uint8_t evtchn_upcall_mask;
	xen_ulong_t evtchn_pending_sel;		/* one bit for each word of evtchn_pending */
	struct arch_vcpu_info arch;
	vcpu_time_info_t time;
};
typedef struct vcpu_info vcpu_info_t;

/*
 * The page a domain shares with the hypervisor. A port has a pending bit, set by the hypervisor
 * and cleared by the guest, and a mask bit, which is the guest's. A pending bit that rises unmasked
 * sets the bit of its word in evtchn_pending_sel of the port's vCPU; one that rises masked does
 * not, and EVTCHNOP_unmask makes up for it.
 */
struct shared_info {
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
	xen_ulong_t evtchn_pending[sizeof(xen_ulong_t) * 8];
	xen_ulong_t evtchn_mask[sizeof(xen_ulong_t) * 8];
	/* Wall clock when system time was 0, since 1970: versioned as in vcpu_time_info. */
	uint32_t wc_version;
	uint32_t wc_sec;
	uint32_t wc_nsec;
#ifdef __x86_64__
	uint32_t wc_sec_hi;
#endif
	struct arch_shared_info arch;
};
typedef struct shared_info shared_info_t;

/* The upper half of wc_sec, wherever there was room for it. */
#ifdef __x86_64__
#define xen_wc_sec_hi		wc_sec_hi
#else
#define xen_wc_sec_hi		arch.wc_sec_hi
#endif

/*
 * What a PV kernel finds at start: %esi / %rsi points at it. Around it, from VIRT_BASE up, each
 * page-aligned: kernel image, ramdisk, p2m table (mfn_list), start_info, store ring page, console
 * ring page, page tables (pt_base, and what cr3 holds), one page of boot stack; then at least
 * 512 KiB of mapped memory, up to a 4 MiB boundary. All of it is writable but the page tables. With
 * XEN_ELFNOTE_INIT_P2M the p2m table stands where the note says.
 */
struct start_info {
	/* Filled in at start and again when a suspended domain resumes. */
	char magic[32];				/* "xen-VERSION-PLATFORM" */
	unsigned long nr_pages;			/* memory of the domain */
	unsigned long shared_info;		/* machine address of its shared_info */
	uint32_t flags;				/* SIF_* */
	xen_pfn_t store_mfn;			/* xenstore ring */
	uint32_t store_evtchn;
	union {
		struct {
			xen_pfn_t mfn;		/* console ring */
			uint32_t evtchn;
		} domU;
		struct {
			uint32_t info_off;	/* of dom0_vga_console_info, from start_info */
			uint32_t info_size;
		} dom0;
	} console;
	/* Filled in at start only. */
	unsigned long pt_base;			/* linear address of the root table */
	unsigned long nr_pt_frames;
	unsigned long mfn_list;			/* linear address of the p2m table */
	unsigned long mod_start;		/* linear address of the ramdisk, or its pfn */
	unsigned long mod_len;			/* bytes */
	int8_t cmd_line[MAX_GUEST_CMDLINE];
	unsigned long first_p2m_pfn;		/* frames of the p2m table, if it is mapped apart */
	unsigned long nr_p2m_frames;
};
typedef struct start_info start_info_t;

/* One Multiboot module. */
struct xen_multiboot_mod_list {
	uint32_t mod_start;			/* first byte */
	uint32_t mod_end;			/* after the last byte */
	uint32_t cmdline;			/* address of a string */
	uint32_t pad;
};

/* The screen, for the first domain. */
struct dom0_vga_console_info {
	uint8_t video_type;			/* XEN_VGATYPE_* */
	union {
		struct {
			uint16_t font_height;	/* pixels */
			uint16_t cursor_x, cursor_y;
			uint16_t rows, columns;
		} text_mode_3;
		struct {
			uint16_t width, height;	/* pixels */
			uint16_t bytes_per_line;
			uint16_t bits_per_pixel;
			uint32_t lfb_base;	/* physical address */
			uint32_t lfb_size;	/* in 64 KiB */
			uint8_t red_pos, red_size;
			uint8_t green_pos, green_size;
			uint8_t blue_pos, blue_size;
			uint8_t rsvd_pos, rsvd_size;
			uint32_t gbl_caps;
			uint16_t mode_attrs;
			uint16_t pad;
			uint32_t ext_lfb_base;	/* upper half of lfb_base */
		} vesa_lfb;
	} u;
};
typedef struct dom0_vga_console_info dom0_vga_console_info_t;
#define xen_vga_console_info	dom0_vga_console_info
#define xen_vga_console_info_t	dom0_vga_console_info_t

/* An identifier given by the toolstack, usually a UUID. */
typedef uint8_t xen_domain_handle_t[16];

struct xen_uuid {
	uint8_t a[16];
};
typedef struct xen_uuid xen_uuid_t;

/* XEN_DEFINE_UUID(time_low, time_mid, time_hi, clock_seq, six node bytes): big-endian bytes. */
#define XEN_DEFINE_UUID_(a, b, c, d, e1, e2, e3, e4, e5, e6)		\
	{ { ((a) >> 24) & 0xFF, ((a) >> 16) & 0xFF,			\
	    ((a) >> 8) & 0xFF, ((a) >> 0) & 0xFF,			\
	    ((b) >> 8) & 0xFF, ((b) >> 0) & 0xFF,			\
	    ((c) >> 8) & 0xFF, ((c) >> 0) & 0xFF,			\
	    ((d) >> 8) & 0xFF, ((d) >> 0) & 0xFF,			\
	    e1, e2, e3, e4, e5, e6 } }
#define XEN_DEFINE_UUID(a, b, c, d, e1, e2, e3, e4, e5, e6)		\
	((xen_uuid_t)XEN_DEFINE_UUID_(a, b, c, d, e1, e2, e3, e4, e5, e6))

/* A bitmap of CPUs or nodes in a control structure; bit 0 is in byte 0. */
struct xenctl_bitmap {
	XEN_GUEST_HANDLE_64(uint8) bitmap;
	uint32_t nr_bits;
};
typedef struct xenctl_bitmap xenctl_bitmap_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_XEN_H__ */
