/* SPDX-License-Identifier: GPL-2.0-only */
/* The error numbers of the guest interface by their short names: -EINVAL is what a guest gets. */
#ifndef HV_LIB_ERRNO_H
#define HV_LIB_ERRNO_H

#ifdef PARAVANE_HOST_TEST
/* Test programs include the C library's errno.h too; its macros must not meet our enumeration. */
#include <errno.h>
#ifndef ERESTART
#define ERESTART 85
#endif
#else
enum {
#define XEN_ERRNO(name, value) name = value,
#include "pvabi/errno.h"
};
#endif

#endif
