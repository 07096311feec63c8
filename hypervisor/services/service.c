/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU_WORK_SERVICE: what the services do from time to time. */
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/services/sched.h"

void service_run(void)
{
	sched_account();
}
