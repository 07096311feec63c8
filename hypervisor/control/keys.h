/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug keys: one character typed on the console, or sent by sysctl, prints state. */
#ifndef HV_CONTROL_KEYS_H
#define HV_CONTROL_KEYS_H

#include "hypervisor/lib/types.h"

/* Runs the key's function now. Unknown keys are ignored, with a hint. */
void debug_key(char key);

#endif
