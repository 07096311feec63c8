/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain: a guest, its frames, its vCPUs, and its part in each service. */
#ifndef HV_DOMAIN_DOMAIN_H
#define HV_DOMAIN_DOMAIN_H

#include <stdatomic.h>

#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/list.h"
#include "hypervisor/lib/types.h"
#include "hypervisor/mm/tlb.h"
#include "pvabi/xen.h"

struct vcpu;
struct evtchn_domain;
struct grant_table;
struct sched_domain;

#define MAX_VCPUS	32	/* of one domain; the legacy vcpu_info array's length */

enum domain_dying {
	DOMAIN_ALIVE,
	DOMAIN_DYING,		/* being torn down: no new references to its frames */
	DOMAIN_DEAD,		/* torn down; the structure waits for its last reference */
};

struct domain {
	domid_t id;
	bool is_pv32;			/* width: set before the first vCPU exists */
	bool is_privileged;		/* the control domain */
	bool is_special;		/* DOMID_IO, DOMID_XEN: owners without vCPUs */
	u16 max_vcpus;
	u8 handle[16];			/* the UUID the toolstack gave */
	u32 ssidref;
	u32 create_flags;		/* XEN_DOMCTL_CDF_* */

	_Atomic u32 refs;		/* domain_get(), domain_put() */
	_Atomic u32 dying;		/* enum domain_dying */
	struct list hash_link;		/* in the domain table, under its bucket's lock */
	struct list all_link;		/* all domains in order of id; RANK_DOMAIN_TABLE */

	/* --- life: `lock` (RANK_DOMAIN) guards these --- */
	struct spinlock lock;
	struct vcpu *vcpu[MAX_VCPUS];	/* written under lock, read freely: never removed before death */
	bool is_shut_down, is_shutting_down, resumed;
	u32 shutdown_code;
	u32 pause_by_control;		/* XEN_DOMCTL_pausedomain, counted up to one */
	_Atomic u32 pause_count;	/* see domain_pause() */

	/* --- frames: `pages_lock` (RANK_PAGES) --- */
	struct spinlock pages_lock;
	u32 pages;			/* list head: mfn of the first, NO_FRAME when empty */
	u32 shared_pages;		/* list head: the hypervisor's pages shared with it */
	u32 tot_pages, max_pages;
	_Atomic u32 outstanding_pages;	/* XENMEM_claim_pages */
	u32 relinquish_stage;		/* mm/relinquish.c */

	shared_cpumask_t cpus;		/* that may hold its translations: see mm/tlb.h */

	struct shared_info *shared;	/* pv64 layout, or struct compat_shared_info for pv32 */
	u32 vm_assist;			/* VMASST_TYPE_* bits */
	u32 compat_m2p_start;		/* pv32: from here up its topmost L2 is ours */
	s64 time_offset_seconds;
	u32 suspend_evtchn;

	struct evtchn_domain *evtchn;
	struct grant_table *grant;
	struct sched_domain *sched;

	struct rangeset *irqs, *ioports, *iomem;	/* what it may touch; NULL: nothing */
};

extern struct domain *dom0;		/* the control domain, once built */
extern struct domain domain_io;		/* DOMID_IO: owns device memory */
extern struct domain domain_hv;		/* DOMID_XEN: owns what the hypervisor shows to the privileged */

/*
 * Creates domain @id with @max_vcpus (1..MAX_VCPUS) empty vCPU slots, paused once by control.
 * -EEXIST, -ENOMEM, -EINVAL. All hooks' domain_create() have run when it is in the table.
 */
int domain_create(domid_t id, bool is_privileged, unsigned max_vcpus, struct domain **out);
/* The first id not in use, or -ENOMEM. */
int domain_pick_id(void);
/* pv32 or pv64; only before any vCPU or frame exists, else -EACCES. */
int domain_set_width(struct domain *d, bool is_pv32);

/*
 * Tears it down: vCPUs stopped, hooks' domain_kill(), frames relinquished. -ERESTART when preempted
 * (call again), 0 when done: then it is DOMAIN_DEAD and out of the table once unreferenced.
 */
int domain_kill(struct domain *d);

/* A reference to a live-or-dying domain, or NULL. DOMID_SELF is the current one. */
struct domain *domain_get(domid_t id);
/* The first domain whose id is at least @id, with a reference; NULL after the last. */
struct domain *domain_get_next(u32 id);
/* Only for one that cannot vanish meanwhile (held by another reference). */
void domain_hold(struct domain *d);
void domain_put(struct domain *d);

/*
 * Pausing counts. domain_pause() returns when none of its vCPUs runs on any CPU any more (the
 * caller must not be one of them); the _nosync form does not wait.
 */
void domain_pause(struct domain *d);
void domain_pause_nosync(struct domain *d);
void domain_unpause(struct domain *d);
/* The control operations: idempotent. -EINVAL for the current domain. */
int domain_pause_by_control(struct domain *d);
int domain_unpause_by_control(struct domain *d);

/*
 * The guest is finished, by itself (SCHEDOP_shutdown), by a watchdog, or by us: SHUTDOWN_* @reason.
 * vCPUs stop, the control domain gets VIRQ_DOM_EXC; the control domain's own shutdown acts on the
 * machine.
 */
void domain_shutdown(struct domain *d, u8 reason);
/* The guest did what it must not: logs file, line and the message, dumps the vCPU, SHUTDOWN_crash. */
void domain_crash(struct domain *d, const char *fmt, ...) __printf(2, 3);
/* After SHUTDOWN_suspend was refused or finished: run again. */
void domain_resume(struct domain *d);

static inline bool domain_is_dying(const struct domain *d)
{
	return atomic_load_explicit(&((struct domain *)d)->dying, memory_order_acquire) !=
	       DOMAIN_ALIVE;
}

static inline unsigned domain_pte_size(const struct domain *d)
{
	(void)d;
	return 8;
}

#endif
