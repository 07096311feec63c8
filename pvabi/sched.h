/* SPDX-License-Identifier: MIT */
/* Scheduling: HYPERVISOR_sched_op(cmd, arg). */

#ifndef __XEN_PUBLIC_SCHED_H__
#define __XEN_PUBLIC_SCHED_H__

#include "event_channel.h"

#define SCHEDOP_yield		0	/* no argument */
#define SCHEDOP_block		1	/* no argument; unmasks events and sleeps until one comes */
#define SCHEDOP_shutdown	2	/* struct sched_shutdown */
#define SCHEDOP_poll		3	/* struct sched_poll */
#define SCHEDOP_remote_shutdown	4	/* struct sched_remote_shutdown; privileged */
#define SCHEDOP_shutdown_code	5	/* struct sched_shutdown: what a later shutdown will say */
#define SCHEDOP_watchdog	6	/* struct sched_watchdog; returns an identifier */
#define SCHEDOP_pin_override	7	/* struct sched_pin_override; the hardware domain only */

/* Why a domain shut down. On SHUTDOWN_suspend the call returns 1 if it was cancelled. */
#define SHUTDOWN_poweroff	0
#define SHUTDOWN_reboot		1
#define SHUTDOWN_suspend	2	/* third argument: mfn of start_info */
#define SHUTDOWN_crash		3
#define SHUTDOWN_watchdog	4
#define SHUTDOWN_soft_reset	5
#define SHUTDOWN_MAX		5

#ifndef __ASSEMBLY__

struct sched_shutdown {
	unsigned int reason;			/* SHUTDOWN_* */
};
typedef struct sched_shutdown sched_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_shutdown_t);

/* Sleeps until one of the ports is pending (masked or not), an event comes, or time is up. */
struct sched_poll {
	XEN_GUEST_HANDLE(evtchn_port_t) ports;
	unsigned int nr_ports;			/* at most 128 */
	uint64_t timeout;			/* system time in ns, 0 for none */
};
typedef struct sched_poll sched_poll_t;
DEFINE_XEN_GUEST_HANDLE(sched_poll_t);

struct sched_remote_shutdown {
	domid_t domain_id;
	unsigned int reason;			/* SHUTDOWN_* */
};
typedef struct sched_remote_shutdown sched_remote_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_remote_shutdown_t);

/* id 0 starts a new watchdog, another one re-arms it; timeout 0 stops it. */
struct sched_watchdog {
	uint32_t id;
	uint32_t timeout;			/* seconds */
};
typedef struct sched_watchdog sched_watchdog_t;
DEFINE_XEN_GUEST_HANDLE(sched_watchdog_t);

struct sched_pin_override {
	int32_t pcpu;				/* negative: as before */
};
typedef struct sched_pin_override sched_pin_override_t;
DEFINE_XEN_GUEST_HANDLE(sched_pin_override_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_SCHED_H__ */
