/* SPDX-License-Identifier: GPL-2.0-only */
/* The test itself is msrs.c, which another CPU is asked as well: see msrs-intel. */
#include "tests/guest/lib/test.h"

const char test_title[] = "MSRs are Xen's";
