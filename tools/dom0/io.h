/* SPDX-License-Identifier: GPL-2.0-only */
/* xl's surroundings in the control domain. */
#ifndef TOOLS_DOM0_IO_H
#define TOOLS_DOM0_IO_H

#include "tools/xl/xl.h"

void dom0_io_init(struct xl_io *io);

#endif
