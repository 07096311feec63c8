/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains, vCPUs, frames, page tables and guest memory for tests of event channels and grants: as
 * much of the lower levels as those use, with every count checked. Safe for several threads, each
 * of which is a CPU of its own.
 */
#ifndef TESTS_HOST_FAKE_SERVICES_H
#define TESTS_HOST_FAKE_SERVICES_H

#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/hooks.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/mm/frame.h"

/* A domain with @vcpus vCPUs and a shared_info page; NULL when a hook failed, everything undone. */
struct domain *fake_domain(domid_t id, bool privileged, bool pv32, unsigned vcpus,
			   const struct domain_hooks *hooks);
/* Kills it as domain_kill() would, and drops the table's reference. */
void fake_kill(struct domain *d);
/* Undoes a birth that failed after its hooks had run. */
void fake_stillborn(struct domain *d);
/* The calling thread's CPU runs this vCPU from now on. */
void fake_run(struct vcpu *v);
/* Turns of all threads in spin_wait(). */
extern _Atomic unsigned fake_spins;
/* Kicks since the last call. */
unsigned fake_kicks(struct vcpu *v);
/* Calls of sched_poll_wake(), and the last one's arguments. */
extern _Atomic unsigned fake_poll_wakes;
extern struct domain *fake_poll_domain;
extern u32 fake_poll_port;

mfn_t fake_give_frame(struct domain *d);
/* References and uses as FT_WRITABLE; the owner's own reference counts. */
u64 fake_refs(mfn_t mfn);
u64 fake_writers(mfn_t mfn);
/* As a page table: writable uses are refused. */
void fake_set_table(mfn_t mfn, bool is_table);

/* The @nth allocation from now on fails, once; -1: none. */
void fake_fail_alloc(int nth);
/* The next mm_grant_map() is refused. */
void fake_fail_map(void);
/* mfn mapped at @addr in the current domain, or INVALID_MFN; its flags. */
mfn_t fake_mapped(struct domain *d, gva_t addr, u64 *flags);
/* The guest overwrites the entry by other means. */
void fake_overwrite(struct domain *d, gva_t addr);
unsigned fake_flushes(void);

/* What stands where the current guest may have memory: FAKE_GUEST_SIZE bytes below 4 GiB. */
#define FAKE_GUEST_SIZE	65536
extern char *fake_guest;
/* Not mapped from here on. */
extern u64 fake_guest_mapped;

/* The arguments of the last hypercall_continue(), and how many there were. */
extern u64 fake_continued[6];
extern unsigned fake_continued_nr;

/* Fails unless all memory was given back and no domain is left. */
void fake_assert_clean(void);

#endif
