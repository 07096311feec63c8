/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's descriptor tables and segment registers. */
#ifndef HV_DOMAIN_SEGMENT_H
#define HV_DOMAIN_SEGMENT_H

#include "hypervisor/domain/vcpu.h"

/* @entries descriptors in these frames become the GDT; checked, referenced. -EINVAL. */
int segment_set_gdt(struct vcpu *v, const u64 *mfns, unsigned entries);
void segment_release_gdt(struct vcpu *v);
/* @entries descriptors at linear address @base become the LDT; pages are mapped when used. */
int segment_set_ldt(struct vcpu *v, gva_t base, unsigned entries);
/* Forgets what this CPU's window maps of the current LDT. */
void segment_drop_ldt_pages(void);

/* DS, ES, FS and GS as they are now, into the vCPU. */
void segment_save_selectors(struct vcpu *v);

/* The CPU's windows and segment registers follow a switch. */
void segment_switch_out(struct vcpu *v);
void segment_load_tables(struct vcpu *v);	/* before CR3 is loaded, which flushes the windows */
void segment_switch_in(struct vcpu *v);		/* after it; may leave the failsafe callback to do */

/* HYPERVISOR_set_segment_base: SEGBASE_*. -EINVAL, -EFAULT. */
int segment_set_base(struct vcpu *v, unsigned which, u64 base);

#endif
