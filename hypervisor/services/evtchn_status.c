/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels as others see them: EVTCHNOP_status, and the debug key. */
#include "hypervisor/arch/log.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/evtchn_impl.h"

static u32 public_status(const struct evtchn *chn)
{
	static const u8 status[] = {
		[CHN_FREE] = EVTCHNSTAT_closed, [CHN_RESERVED] = EVTCHNSTAT_closed,
		[CHN_UNBOUND] = EVTCHNSTAT_unbound, [CHN_INTERDOMAIN] = EVTCHNSTAT_interdomain,
		[CHN_PIRQ] = EVTCHNSTAT_pirq, [CHN_VIRQ] = EVTCHNSTAT_virq,
		[CHN_IPI] = EVTCHNSTAT_ipi,
	};

	return status[chn->state];
}

static void describe(struct evtchn *chn, struct evtchn_status *op)
{
	op->status = public_status(chn);
	op->vcpu = atomic_load_explicit(&chn->vcpu, memory_order_relaxed);
	if (chn->state == CHN_UNBOUND) {
		op->u.unbound.dom = chn->value;
	} else if (chn->state == CHN_INTERDOMAIN) {
		op->u.interdomain.dom = chn->remote->id;
		op->u.interdomain.port = chn->peer->port;
	} else if (chn->state == CHN_PIRQ || chn->state == CHN_VIRQ) {
		op->u.virq = chn->value;
	}
}

int evtchn_status(struct evtchn_status *op)
{
	struct domain *d;
	struct evtchn *chn;
	int rc = evtchn_get_target(op->dom, &d);

	if (rc)
		return rc;
	chn = evtchn_find(d->evtchn, op->port);
	if (chn) {
		byte_lock(&chn->lock);
		describe(chn, op);
		byte_unlock(&chn->lock);
	}
	domain_put(d);
	return chn ? 0 : -EINVAL;
}

void evtchn_dump(struct domain *d)
{
	static const char *const names[] = {
		"closed", "unbound", "interdomain", "pirq", "virq", "ipi",
	};
	struct evtchn_status s;
	struct evtchn *chn;

	hv_print("d%u: %u event channels in use, %s ABI\n", d->id, d->evtchn->active,
		 evtchn_abi(d) == &evtchn_2l ? "two-level" : "FIFO");
	for (u32 port = 1; (chn = evtchn_find(d->evtchn, port)) != NULL; port++) {
		s = (struct evtchn_status){ 0 };
		byte_lock(&chn->lock);
		if (chn->state > CHN_RESERVED) {
			describe(chn, &s);
			hv_print("  %5u %s v%u dom/virq %u port %u%s%s\n", port, names[s.status],
				 s.vcpu, s.status == EVTCHNSTAT_virq ? s.u.virq : s.u.unbound.dom,
				 s.status == EVTCHNSTAT_interdomain ? s.u.interdomain.port : 0,
				 evtchn_abi(d)->is_pending(d, chn) ? " pending" : "",
				 evtchn_abi(d)->is_masked(d, chn) ? " masked" : "");
		}
		byte_unlock(&chn->lock);
	}
}
