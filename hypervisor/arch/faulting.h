/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses in entry.S that survive a fault: zero when done. For arch/ and domain/switch.c only. */
#ifndef HV_ARCH_FAULTING_H
#define HV_ARCH_FAULTING_H

#include "hypervisor/lib/types.h"

/* Returns the bytes that were not copied. */
size_t copy_faulting(void *dst, const void *src, size_t len);
int load_faulting_8(u64 *dst, gva_t src);
int store_faulting_8(gva_t dst, u64 value);
int store_faulting_4(gva_t dst, u32 value);
int cmpxchg_faulting_8(gva_t addr, u64 *old, u64 new_value);
int cmpxchg_faulting_4(gva_t addr, u64 *old, u64 new_value);
int rdmsr_faulting(u32 msr, u64 *value);
int wrmsr_faulting(u32 msr, u64 value);

/* Load a guest's selector; 1 when the CPU refused it, and null was loaded instead. */
int load_ds(u16 sel);
int load_es(u16 sel);
int load_fs(u16 sel);
int load_gs(u16 sel, u64 *base);

#endif
