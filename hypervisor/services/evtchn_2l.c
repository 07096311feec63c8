/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two-level ABI: a pending and a mask bit for each port in shared_info, a selector bit for each
 * word of pending bits in vcpu_info.
 *
 * Both arrays are little endian bit strings, so 32-bit words name the same bits whichever the
 * guest's width; only the lengths differ (1024 or 4096 ports), and with them the place of the mask
 * behind the pending bits and how many ports a selector bit stands for.
 *
 * Order is what makes it work without a lock. We set pending, then look at the mask; the guest
 * clears the mask, then looks at pending (by EVTCHNOP_unmask): one of both sees the other. We set
 * pending, then the selector, then upcall_pending; the guest clears them in the opposite order.
 */
#include "hypervisor/domain/vcpu_info.h"
#include "hypervisor/services/evtchn_impl.h"
#include "pvabi/compat/xen.h"

_Static_assert(offsetof(struct compat_shared_info, evtchn_pending) ==
	       offsetof(struct shared_info, evtchn_pending), "the same place in both widths");

static u32 max_ports(const struct domain *d)
{
	return d->is_pv32 ? 1024 : 4096;
}

static _Atomic u32 *pending_bits(const struct domain *d)
{
	return (_Atomic u32 *)d->shared->evtchn_pending;
}

static _Atomic u32 *mask_bits(const struct domain *d)
{
	return pending_bits(d) + max_ports(d) / 32;
}

static bool test_bit(_Atomic u32 *bits, u32 i)
{
	return atomic_load(&bits[i / 32]) >> i % 32 & 1;
}

/*
 * Asking for that one bit only makes each a single locked instruction. A loop of compare-and-exchange
 * on the guest's memory could be kept from ever ending by the guest.
 */
static bool test_and_set(_Atomic u32 *bits, u32 i)
{
	u32 bit = 1u << i % 32;

	return atomic_fetch_or(&bits[i / 32], bit) & bit;
}

static bool test_and_clear(_Atomic u32 *bits, u32 i)
{
	u32 bit = 1u << i % 32;

	return atomic_fetch_and(&bits[i / 32], ~bit) & bit;
}

static void select_word(struct vcpu *v, u32 port)
{
	u32 word = port / (v->domain->is_pv32 ? 32 : 64);

	if (!test_and_set(vcpu_info_pending_sel(v), word))
		evtchn_upcall(v);
}

static bool set_pending(struct vcpu *v, struct evtchn *chn)
{
	if (test_and_set(pending_bits(v->domain), chn->port))
		return false;
	if (!test_bit(mask_bits(v->domain), chn->port))
		select_word(v, chn->port);
	return true;
}

static void clear_pending(struct domain *d, struct evtchn *chn)
{
	test_and_clear(pending_bits(d), chn->port);
}

static void unmask(struct vcpu *v, struct evtchn *chn)
{
	struct domain *d = v->domain;

	if (test_and_clear(mask_bits(d), chn->port) && test_bit(pending_bits(d), chn->port))
		select_word(v, chn->port);
}

static bool is_pending(struct domain *d, struct evtchn *chn)
{
	return test_bit(pending_bits(d), chn->port);
}

static bool is_masked(struct domain *d, struct evtchn *chn)
{
	return test_bit(mask_bits(d), chn->port);
}

static bool never_busy(struct domain *d, struct evtchn *chn)
{
	(void)d;
	(void)chn;
	return false;
}

static void init_nothing(struct domain *d, struct evtchn *chn)
{
	(void)d;
	(void)chn;
}

const struct evtchn_abi evtchn_2l = {
	.max_ports = max_ports,
	.init = init_nothing,
	.set_pending = set_pending,
	.clear_pending = clear_pending,
	.unmask = unmask,
	.is_pending = is_pending,
	.is_masked = is_masked,
	.is_busy = never_busy,
};
