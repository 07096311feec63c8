/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain: a guest, its frames, its vCPUs, and its part in each service. */
#ifndef HV_DOMAIN_DOMAIN_H
#define HV_DOMAIN_DOMAIN_H

#include <stdatomic.h>

#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/list.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/lib/types.h"
#include "hypervisor/mm/owner.h"
#include "pvabi/xen.h"

struct vcpu;
struct evtchn_domain;
struct grant_table;
struct sched_domain;
struct time_domain;
struct guest_info;
struct pirq_domain;
struct cpuid_policy;

#define MAX_VCPUS	32	/* of one domain; the legacy vcpu_info array's length */

struct domain {
	struct owner;			/* id, width, privilege, dying, frames: mm/owner.h */
	u16 max_vcpus;
	u8 handle[16];			/* the UUID the toolstack gave */
	u32 ssidref;
	u32 create_flags;		/* XEN_DOMCTL_CDF_* */

	_Atomic u32 refs;		/* domain_get(), domain_put() */
	struct domain *next_dead;	/* domain.c: waiting to be freed */
	struct list hash_link;		/* in the domain table, under its bucket's lock */
	struct list all_link;		/* all domains in order of id; RANK_DOMAIN_TABLE */

	/* --- life: `lock` (RANK_DOMAIN) guards these --- */
	struct spinlock lock;
	struct vcpu *vcpu[MAX_VCPUS];	/* written under lock, read freely: never removed before death */
	bool is_shut_down, is_shutting_down, resumed;
	bool has_run;			/* the control domain has let it */
	u32 shutdown_code;
	_Atomic u32 announced_code;	/* SCHEDOP_shutdown_code, + 1; 0: none */
	u32 pause_by_control;		/* XEN_DOMCTL_pausedomain, counted up to one */
	_Atomic u32 pause_count;	/* see domain_pause() */

	struct shared_info *shared;	/* pv64 layout, or struct compat_shared_info for pv32 */
	s64 time_offset_seconds;

	struct evtchn_domain *evtchn;
	struct grant_table *grant;
	struct sched_domain *sched;
	struct time_domain *time;
	bool emulates_tsc;		/* RDTSC traps: services/time_tsc.c */
	struct pirq_domain *pirqs;
	struct guest_info *info;		/* hypercall/guest_info.h */
	struct cpuid_policy *cpuid_policy; /* its own, or NULL; not changed once it has run */

	_Atomic u32 pci_address;	/* what it wrote to PCI_ADDRESS_PORT */
	struct rangeset *irqs, *ioports;	/* what it may touch (and iomem); NULL: nothing */
};

_Static_assert(offsetof(struct domain, id) == 0, "owner_of() is a cast");

extern struct domain *dom0;		/* the control domain, once built */
extern struct domain domain_io;		/* DOMID_IO: owns device memory */
extern struct domain domain_idle;	/* of the idle vCPUs; not in the table */
extern struct domain domain_hv;		/* DOMID_XEN: owns what the hypervisor shows to the privileged */

/* Once, before anything else here. */
void domain_init(void);

/*
 * Creates domain @id with @max_vcpus (1..MAX_VCPUS) empty vCPU slots, paused once by control.
 * -EEXIST, -ENOMEM, -EINVAL. All hooks' domain_create() have run, and @settle (if there is one) has
 * given it what it is born with, before it is in the table: from then on any guest can name it.
 */
int domain_create(domid_t id, bool is_privileged, unsigned max_vcpus,
		  int (*settle)(struct domain *d, const void *arg), const void *arg,
		  struct domain **out);
/* The first id not in use, or -ENOMEM. */
int domain_pick_id(void);
/* pv32 or pv64; only before any vCPU is initialised or frame exists, else -EACCES. -ENOMEM. */
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

static inline struct domain *domain_after(struct domain *d)
{
	u32 next = d->id + 1u;

	domain_put(d);
	return domain_get_next(next);
}

/* Each is referenced while it is looked at; so the loop is left by its end only. */
#define for_each_domain(d)							\
	for ((d) = domain_get_next(0); (d); (d) = domain_after(d))

/*
 * Pausing counts. domain_pause() returns when none of its vCPUs runs on any CPU any more (the
 * caller must not be one of them).
 */
void domain_pause(struct domain *d);
void domain_unpause(struct domain *d);
/* The control operations: idempotent. -EINVAL for the current domain. */
int domain_pause_by_control(struct domain *d);
int domain_unpause_by_control(struct domain *d);

/*
 * The guest is finished, by itself (SCHEDOP_shutdown), by a watchdog, or by us: SHUTDOWN_* @reason.
 * vCPUs stop, the control domain gets VIRQ_DOM_EXC; the control domain's own shutdown acts on the
 * machine. A code that the guest has announced comes before @reason.
 */
void domain_shutdown(struct domain *d, u8 reason);
void domain_announce_shutdown(struct domain *d, u8 code);
/* The guest did what it must not: logs file, line and the message, dumps the vCPU, SHUTDOWN_crash. */
void domain_crash(struct domain *d, const char *fmt, ...) __printf(2, 3);
/* After SHUTDOWN_suspend was refused or finished: run again. */
void domain_resume(struct domain *d);

/* --- changes.c: it has shut down or gone: VIRQ_DOM_EXC, and its id is kept until it is asked for */
void domain_changed(const struct domain *d);
/* Takes one of those ids; false when there is none. */
bool domain_next_changed(domid_t *id);

static inline bool domain_is_dying(const struct domain *d)
{
	return owner_is_dying(d);
}

#endif
