/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes what CPUID tells a domain. */
#ifndef TOOLS_BUILDER_CPU_POLICY_H
#define TOOLS_BUILDER_CPU_POLICY_H

#include "pvabi/xen.h"
#include "tools/builder/fault.h"
#include "tools/cfg/domain_config.h"

/* Applies the rules of @config to @domid, which has its vCPUs and its width and has never run. */
int cpu_policy_apply(const struct domain_config *config, domid_t domid, struct fault *fault);

#endif
