/* SPDX-License-Identifier: MIT */
/*
 * The privileged operations: everything the kernel cannot do as an ordinary program.
 *
 * The rest of the kernel reaches the machine only through this header (and event channels, grants
 * and the store through theirs). In a paravirtualized build (minios/arch/common, pv32, pv64) each
 * operation is a hypercall or an access to the shared info page; a native build brings its own
 * priv_impl.h and priv.c with the instruction itself.
 */
#ifndef MINIOS_ARCH_PRIV_H
#define MINIOS_ARCH_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <minios/arch/layout.h>

struct trap_frame;

/* --- event delivery (native: the interrupt flag) ---------------------------------------------- */
/* Masks; says whether events were masked already. */
static inline bool priv_events_mask(void);
/* Unmasks, and delivers at once what became pending meanwhile. */
static inline void priv_events_unmask(void);
static inline bool priv_events_masked(void);

/*
 * Sleeps until an event is pending. Called with events masked, returns with them unmasked: the
 * hypervisor unmasks and looks for pending events in one step, so none is slept through.
 */
void priv_idle(void);

/* Asks for a VIRQ_TIMER when system time reaches the deadline; 0 takes the request back. */
void priv_set_timer(uint64_t deadline);

/* --- traps and stacks ------------------------------------------------------------------------- */
/* Makes a vector call its entry stub; dpl 3 lets applications use it by int. */
int priv_trap_gate(unsigned int vector, unsigned int dpl, void (*entry)(void));
/* Registers the entries of events and of failed returns, and all exceptions. */
void priv_traps_init(void);
/* Where traps from application rings push their frame. */
void priv_kernel_stack(uintptr_t sp);
/* The address of the last page fault. Read it before events are let in again. */
uintptr_t priv_fault_address(void);

/* --- page tables ------------------------------------------------------------------------------ */
/* One write to a page-table entry: the machine address of the entry, the new value. */
struct priv_pt_write {
	uint64_t where;
	pte_t value;
};

/*
 * Applies count writes in order; frames they name belong to domain dom. Stops at the first that is
 * refused: *done says how many were made. 0 or a negative errno.
 */
int priv_pt_write(const struct priv_pt_write *writes, size_t count, size_t *done, unsigned int dom);
/* Replaces the mapping of one address through the current root, and flushes it. */
int priv_pt_set(uintptr_t va, pte_t pte);
void priv_tlb_flush(void);
void priv_tlb_flush_page(uintptr_t va);
/* The table at this frame becomes (or stops being) one the hardware may use, of level 1-4. */
int priv_pt_pin(unsigned long mfn, unsigned int level);
int priv_pt_unpin(unsigned long mfn);

/* --- descriptor tables ------------------------------------------------------------------------ */
/* Loads a descriptor table of one page (read-only mapped) with so many entries. */
int priv_load_gdt(unsigned long mfn, unsigned int entries);

/* --- the end ---------------------------------------------------------------------------------- */
/* Reason as SHUTDOWN_*. */
void priv_shutdown(unsigned int reason) __attribute__((noreturn));

#include <minios/arch/priv_impl.h>

#endif
