/* SPDX-License-Identifier: GPL-2.0-only */
/* As msrs, of which the test is. */
#include "tests/guest/lib/test.h"

const char test_title[] = "MSRs are Xen's on a CPU of Intel's";
