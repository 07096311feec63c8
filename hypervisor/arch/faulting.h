/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses that survive a fault. Guest memory is reached by guest_access.h and guest_span.h alone. */
#ifndef HV_ARCH_FAULTING_H
#define HV_ARCH_FAULTING_H

#include "hypervisor/lib/types.h"

/* In entry.S: zero when done; the bytes that were not copied. */
size_t copy_faulting(void *dst, const void *src, size_t len);
int rdmsr_faulting(u32 msr, u64 *value);

/* Load a guest's selector; 1 when the CPU refused it, and null was loaded instead. */
int load_ds(u16 sel);
int load_es(u16 sel);
int load_fs(u16 sel);
int load_gs(u16 sel, u64 *base);

/* A host test is relocated when it is loaded, and its table with it. */
#ifndef PARAVANE_HOST_TEST
#define EX_TABLE_FLAGS	"a"
#else
#define EX_TABLE_FLAGS	"aw"
#endif

/* After the instruction labelled 1, in an asm goto: where to go on when it faults. */
#define ON_FAULT(label)								\
	".pushsection .ex_table, \"" EX_TABLE_FLAGS "\"\n\t.quad 1b, %l[" #label "]\n\t.popsection"

/* Reads *@at, of any word's size, into @variable by one instruction, or jumps to @fault. */
#define try_load(at, variable, fault)						\
	({									\
		__typeof__(variable) loaded_;					\
		asm goto("1: mov %1, %0\n\t" ON_FAULT(fault)			\
			 : "=r"(loaded_) : "m"(*(at)) : : fault);		\
		(variable) = loaded_;						\
	})

#endif
