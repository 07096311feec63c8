/* SPDX-License-Identifier: GPL-2.0-only */
/* The control domain's console input, between what is typed and CONSOLEIO_read. */
#ifndef HV_HYPERCALL_CONSOLE_IO_H
#define HV_HYPERCALL_CONSOLE_IO_H

#include "hypervisor/lib/types.h"

/* Keeps one character for the control domain; false when the ring is full. */
bool console_input_put(char c);

#endif
