/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's whole state as struct vcpu_guest_context, in and out. */
#ifndef HV_DOMAIN_CONTEXT_H
#define HV_DOMAIN_CONTEXT_H

#include "hypervisor/domain/vcpu.h"

/*
 * @ctxt is a struct vcpu_guest_context, or struct compat_vcpu_guest_context for a pv32 domain: of
 * context_size() bytes, in hypervisor memory. The vCPU must not run. Once initialised, the page
 * tables stay as they are. -EINVAL, -ERESTART (call again), -EBUSY when not down.
 */
int vcpu_load_context(struct vcpu *v, const void *ctxt);
int vcpu_save_context(const struct vcpu *v, void *ctxt);	/* 0 or -ENOMEM */
size_t context_size(const struct domain *d);
/* From the current guest's memory: VCPUOP_initialise. Also -EFAULT, -ENOMEM, -EEXIST. */
int vcpu_set_context(struct vcpu *v, gva_t ctxt);

#endif
