/* SPDX-License-Identifier: GPL-2.0-only */
/* What the event channel sources share: a channel, a domain's table of them, the two ABIs. */
#ifndef HV_SERVICES_EVTCHN_IMPL_H
#define HV_SERVICES_EVTCHN_IMPL_H

#include <stdatomic.h>

#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/services/byte_lock.h"
#include "hypervisor/services/evtchn.h"

enum evtchn_state {
	CHN_FREE,
	CHN_RESERVED,			/* port 0 */
	CHN_UNBOUND,			/* value: the domain that may connect */
	CHN_INTERDOMAIN,		/* remote, peer */
	CHN_PIRQ,			/* value: the interrupt */
	CHN_VIRQ,			/* value: the VIRQ */
	CHN_IPI,
};

struct evtchn {
	byte_lock_t lock;		/* guards state, value, remote and peer: see evtchn.c */
	u8 state;			/* enum evtchn_state */
	byte_lock_t fifo_lock;		/* guards the next four; taken inside `lock` */
	u8 priority;			/* FIFO: queue of the next event */
	u8 last_priority;		/* FIFO: queue it was linked in last, of vCPU last_vcpu */
	bool pending;			/* FIFO: an event came before the page of its word */
	u16 last_vcpu;
	_Atomic u16 vcpu;		/* the one that is notified */
	u32 port;
	union {
		u32 value;
		struct {
			struct domain *remote;
			struct evtchn *peer;
		};
	};
};
_Static_assert(sizeof(struct evtchn) == 32, "a page holds 128 channels");

#define CHN_PER_PAGE	(PAGE_SIZE / sizeof(struct evtchn))
#define CHN_PER_GROUP	(CHN_PER_PAGE * PAGE_SIZE / sizeof(void *))
#define CHN_GROUPS	(EVTCHN_FIFO_NR_CHANNELS / CHN_PER_GROUP)

/* How the guest sees events. All are called with the channel in use and a lock of it held. */
struct evtchn_abi {
	u32 (*max_ports)(const struct domain *d);
	void (*init)(struct domain *d, struct evtchn *chn);
	/* True when that is news to the guest. */
	bool (*set_pending)(struct vcpu *v, struct evtchn *chn);
	void (*clear_pending)(struct domain *d, struct evtchn *chn);
	void (*unmask)(struct vcpu *v, struct evtchn *chn);
	bool (*is_pending)(struct domain *d, struct evtchn *chn);
	bool (*is_masked)(struct domain *d, struct evtchn *chn);
	/* The guest may still meet the last event of a port now free: it is not given out. */
	bool (*is_busy)(struct domain *d, struct evtchn *chn);
	int (*set_priority)(struct evtchn *chn, u32 priority);	/* NULL: there are none */
};
extern const struct evtchn_abi evtchn_2l, evtchn_fifo;

#define FIFO_WORDS_PER_PAGE	(PAGE_SIZE / sizeof(event_word_t))
#define FIFO_PAGES		(EVTCHN_FIFO_NR_CHANNELS / FIFO_WORDS_PER_PAGE)

struct fifo_queue {
	byte_lock_t lock;		/* guards tail, and head[] of the control block */
	u32 tail;			/* 0: empty, as far as we know */
};

struct evtchn_vcpu {
	_Atomic u32 virq_port[NR_VIRQS];	/* 0: not bound; written under evtchn_domain.lock */
	struct evtchn_fifo_control_block *_Atomic control;	/* a page of the guest's; referenced */
	struct fifo_queue queue[EVTCHN_FIFO_MAX_QUEUES];
};

struct evtchn_domain {
	struct spinlock lock;		/* RANK_EVTCHN: allocation of ports, VIRQs, the ABI */
	const struct evtchn_abi *_Atomic abi;
	_Atomic u32 nr_valid;		/* ports that have a struct evtchn; only grows */
	u32 max_port;			/* the highest that may be allocated */
	u32 next_free;			/* no port below is free */
	u8 used[EVTCHN_FIFO_NR_CHANNELS / CHN_PER_PAGE];	/* ports in use, of each page */
	u32 active;			/* ports in use */
	u32 next_reset, next_kill;	/* where an interrupted reset, or the end, goes on */
	_Atomic u32 fifo_pages;
	struct evtchn **groups[CHN_GROUPS];
	_Atomic event_word_t **words;	/* FIFO: FIFO_PAGES pages of the guest's; referenced */
};

static inline struct evtchn *evtchn_find(struct evtchn_domain *e, u32 port)
{
	if (unlikely(port >= atomic_load_explicit(&e->nr_valid, memory_order_acquire)))
		return NULL;
	return &e->groups[port / CHN_PER_GROUP]
			 [port % CHN_PER_GROUP / CHN_PER_PAGE][port % CHN_PER_PAGE];
}

static inline const struct evtchn_abi *evtchn_abi(const struct domain *d)
{
	return atomic_load_explicit(&d->evtchn->abi, memory_order_acquire);
}

static inline struct vcpu *evtchn_vcpu_of(const struct domain *d, u32 id)
{
	return id < d->max_vcpus ? d->vcpu[id] : NULL;
}

/* The vCPU has something to look at: interrupts it if it did not know. */
static inline void evtchn_upcall(struct vcpu *v)
{
	struct vcpu_info *info = READ_ONCE(v->info);

	if (!atomic_exchange((_Atomic u8 *)&info->evtchn_upcall_pending, 1))
		vcpu_kick(v);
}

/* The current domain, or one it may act upon; referenced. 0, -ESRCH, -EPERM. */
int evtchn_get_target(domid_t id, struct domain **out);

/* Makes the port pending, tells its vCPU, wakes who polls for it. A lock of the channel is held. */
void evtchn_set_pending(struct domain *d, struct evtchn *chn);

/*
 * Takes the channel's lock and, of an interdomain one, its peer's: that keeps everybody out who
 * could make it pending. The peer, or NULL.
 */
struct evtchn *evtchn_lock_both_ends(struct evtchn *chn);
void evtchn_unlock_both_ends(struct evtchn *chn, struct evtchn *peer);

/* Back to the two-level ABI; no port is in use. Under evtchn_domain.lock. */
void evtchn_fifo_leave(struct domain *d);

#endif
