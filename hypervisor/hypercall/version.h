/* SPDX-License-Identifier: GPL-2.0-only */
/* Our name and number, as guests, the boot message and debug keys tell it. */
#ifndef HV_HYPERCALL_VERSION_H
#define HV_HYPERCALL_VERSION_H

#include "hypervisor/lib/types.h"
#include "pvabi/version.h"

#define VERSION_MAJOR		4
#define VERSION_MINOR		17
#define VERSION_EXTRA		".0-paravane"
#define VERSION_CAPABILITIES	"xen-3.0-x86_64 xen-3.0-x86_32p "

#ifdef __clang__
#define COMPILER	__VERSION__
#else
#define COMPILER	"gcc " __VERSION__
#endif

/* XENVER_get_features, submap 0. */
u32 version_features(bool is_privileged, u64 vm_assist);
void version_compile_info(struct xen_compile_info *info);

#endif
