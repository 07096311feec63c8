/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU: the state of one processor as a guest sees it, and its place in the services. */
#ifndef HV_DOMAIN_VCPU_H
#define HV_DOMAIN_VCPU_H

#include <stdatomic.h>

#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/regs.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/types.h"
#include "hypervisor/mm/frame.h"
#include "pvabi/vcpu.h"
#include "pvabi/xen.h"

struct sched_vcpu;
struct evtchn_vcpu;
struct timer_vcpu;

#define GUEST_GDT_PAGES	14	/* FIRST_RESERVED_GDT_PAGE: the pages above are ours */

/* Where a guest wants a vector, event or system call delivered. */
struct guest_gate {
	u64 address;
	u16 cs;
	u8 dpl;
	bool mask_events;	/* entered with event delivery masked */
};

/* struct vcpu.pause_flags: any bit keeps it off the CPUs. */
#define PAUSE_BLOCKED	0x01	/* SCHEDOP_block or poll: ends by an event */
#define PAUSE_DOWN	0x02	/* VCPUOP_down, or not yet up */

/* struct vcpu.work: what must be done before it runs guest code again. */
#define VCPU_WORK_NMI		0x01	/* an NMI is to be delivered */
#define VCPU_WORK_RUNSTATE	0x02	/* write its runstate area anew */
#define VCPU_WORK_TIME		0x04	/* publish new time records */
#define VCPU_WORK_IDLE		0x08	/* for ever: there is no guest to run */

/* struct vcpu.nmi */
#define NMI_MASKED	0x01
#define NMI_WAITING	0x02	/* another has come meanwhile */

struct vcpu {
	u64 pad;
	struct regs regs;		/* entry.S: ends 16-byte aligned */

	struct domain *domain;
	u32 id;
	bool is_idle;
	bool is_initialised;		/* has been given a context */
	_Atomic bool is_being_initialised;	/* VCPUOP_initialise: one at a time */
	bool in_kernel;			/* pv64: which of the two roots is in use; false for pv32, see CS */
	bool wants_fpu_trap;		/* the guest's own CR0.TS */
	u8 nmi;				/* NMI_*: between its NMI handler's entry and HYPERVISOR_iret */
	u64 serial;			/* unique for ever: names the owner of a CPU's FPU registers */

	_Atomic u32 work;		/* VCPU_WORK_* */
	u32 kernel_work;		/* pv64: the same, raised when it enters its kernel */
	_Atomic u32 pause_flags;	/* PAUSE_* */
	_Atomic u32 pause_count;
	_Atomic u32 running_on;		/* CPU + 1 while its state may be in a CPU, else 0 */
	u32 processor;			/* the CPU whose queue it belongs to (sched lock) */

	/* --- delivery: set by the guest for itself --- */
	struct guest_gate *traps;	/* 256 of them */
	struct guest_gate event, failsafe, syscall, syscall32, sysenter;
	u64 kernel_ss, kernel_sp;	/* stack_switch */
	bool failsafe_masks_events, syscall_masks_events;
	u32 iopl;
	u32 tsc_aux;			/* which vCPU it is, as its kernel says; see switch.h */
	u8 *iobitmap;			/* unused ports bitmap; NULL: none */
	gva_t iobitmap_guest;
	u32 iobitmap_limit;

	/* --- segments --- */
	u64 gdt_frames[GUEST_GDT_PAGES];	/* mfns; 0 from gdt_entries up */
	u32 gdt_entries;
	u32 ldt_entries;
	gva_t ldt_base;
	u16 ds, es, fs, gs;		/* valid while not running */
	u64 fs_base, gs_base_kernel, gs_base_user;

	/* --- address space --- */
	u64 cr3;			/* loaded while in the kernel (and always, for pv32) */
	u64 cr3_user;			/* pv64: loaded while in user mode; 0 when none */
	struct frame *root;		/* guest_table: L4 (pv64) or 4-entry L3 (pv32); reference and use */
	struct frame *root_user;
	struct frame *unfinished;	/* a use to be put, or an orphan to be cleared, before anything */
	enum undoing undoing;
	struct frame *unfinished_table;	/* another use to be put: of the table that was updated */
	u64 *pv32_l4;			/* pv32: our L4 whose first entry names the guest's L3 */
	u64 ctrlreg[8];			/* CR0, CR2, CR3 (unused), CR4 as the guest sees them */
	u64 debugreg[8];

	/* --- FPU --- */
	void *fpu_area;			/* cpu_has.xsave_size bytes */
	u32 fpu_cpu;			/* whose registers may hold the newest state */
	u64 xcr0;			/* what the guest has enabled, */
	u64 xcr0_used;			/* and all it ever had */

	/* --- shared with the guest --- */
	struct vcpu_info *info;		/* in shared_info, or registered; see vcpu_info.h for its widths */
	struct frame *info_frame;	/* of the registered one, with a writable use; or NULL */
	struct spinlock areas_lock;	/* RANK_VCPU */
	gva_t runstate_area, time_area;

	/* --- runstate accounting: services/sched.c --- */
	struct vcpu_runstate_info runstate;

	/* --- services --- */
	struct sched_vcpu *sched;
	struct evtchn_vcpu *evtchn;
	struct timer_vcpu *timers;

	/* --- continuation of a preempted hypercall within a multicall --- */
	bool in_multicall;
	bool preempted;
	u64 multicall_args[6];

	/* --- emulation of the last fault, for loops that make no progress --- */
	gva_t last_fault;
} __aligned(64);

_Static_assert(offsetof(struct vcpu, regs) == 8, "entry.S finds the frame here");
_Static_assert((offsetof(struct vcpu, regs) + sizeof(struct regs)) % 16 == 0,
	       "the CPU aligns RSP before it pushes");

/* The vCPU that runs on a CPU when nothing else does; NULL without memory. */
struct vcpu *idle_vcpu_create(u32 cpu);

/* An initialised-but-down vCPU @id (below domain->max_vcpus). -ENOMEM, -EINVAL, -EEXIST. */
int vcpu_create(struct domain *d, unsigned id, struct vcpu **out);

/* What a vCPU of that width needs beyond others; for domain_set_width(). -ENOMEM. */
int vcpu_prepare_width(struct vcpu *v, bool is_pv32);

/* Gives back all frames it refers to, when it runs nowhere any more. 0 or -ERESTART. */
int vcpu_release_frames(struct vcpu *v);
/* Its structure; when nothing refers to it. */
void vcpu_destroy(struct vcpu *v);

/* Counted; returns when it runs nowhere. */
void vcpu_pause(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
/* Make it look at its state (events, work) soon, wherever it is; wakes it if it blocks. */
void vcpu_kick(struct vcpu *v);

static inline bool vcpu_runnable(const struct vcpu *v)
{
	struct vcpu *w = (struct vcpu *)v;

	return !(atomic_load(&w->pause_flags) | atomic_load(&w->pause_count) |
		 atomic_load(&w->domain->pause_count));
}

/* The guest's privilege now: true in its kernel. */
/*
 * An area of the current vCPU could not be written: a pv64 guest's user tables need not map it, so
 * it is tried again by those of its kernel. With those it is the guest's own loss.
 */
static inline void retry_in_kernel(struct vcpu *v, u32 work)
{
	if (!v->domain->is_pv32 && !v->in_kernel)
		v->kernel_work |= work;
}

static inline bool guest_in_kernel(const struct vcpu *v)
{
	return v->domain->is_pv32 ? (v->regs.cs & 3) == 1 : v->in_kernel;
}

#define for_each_vcpu(d, v)							\
	for (unsigned v##_i = 0; v##_i < (d)->max_vcpus; v##_i++)		\
		if (((v) = (d)->vcpu[v##_i]) != NULL)

/* True when an upcall is due: an event is pending and delivery is not masked. */
static inline bool vcpu_event_deliverable(const struct vcpu *v)
{
	struct vcpu_info *info = v->info;

	return READ_ONCE(info->evtchn_upcall_pending) && !READ_ONCE(info->evtchn_upcall_mask);
}

#endif
