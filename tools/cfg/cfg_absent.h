/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of xl.cfg(5) that have no effect here. */
#ifndef TOOLS_CFG_CFG_ABSENT_H
#define TOOLS_CFG_CFG_ABSENT_H

#include <stdbool.h>

#include "tools/cfg/cfg.h"

/* Why the setting @key does nothing; in *@error whether a file that has it is refused. NULL: unknown. */
const char *cfg_absent(const char *key, bool *error);
/* Whether a value switches off what it is for, so that there is nothing to complain of. */
bool cfg_is_off(const struct cfg_value *value);

#endif
