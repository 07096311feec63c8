/* SPDX-License-Identifier: MIT */
/*
 * The two-level ABI: bitmaps in the shared info page.
 *
 * The hypervisor sets the port's bit, then the bit of that word in evtchn_pending_sel, then
 * evtchn_upcall_pending. We look and clear in the reverse order, so that whatever is set meanwhile
 * is found by this round or announced again.
 */
#include <errno.h>
#include <minios/event_abi.h>
#include <minios/irq.h>
#include <minios/start.h>

#define WORD_BITS (8 * sizeof(unsigned long))
#define PORTS     (WORD_BITS * WORD_BITS)

static inline void set_bit(unsigned long *map, unsigned int bit)
{
	__atomic_fetch_or(&map[bit / WORD_BITS], 1ul << (bit % WORD_BITS), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(unsigned long *map, unsigned int bit)
{
	__atomic_fetch_and(&map[bit / WORD_BITS], ~(1ul << (bit % WORD_BITS)), __ATOMIC_SEQ_CST);
}

static inline bool test_bit(unsigned long *map, unsigned int bit)
{
	return __atomic_load_n(&map[bit / WORD_BITS], __ATOMIC_SEQ_CST) >> (bit % WORD_BITS) & 1;
}

static int reserve(evtchn_port_t port)
{
	return port < PORTS ? 0 : -EINVAL;
}

static void mask(evtchn_port_t port)
{
	set_bit(shared_info->evtchn_mask, port);
}

/* What became pending under the mask was not announced: announce it to ourselves. */
static void unmask(evtchn_port_t port)
{
	struct vcpu_info *vcpu = priv_vcpu_info();
	bool masked = irq_save();

	clear_bit(shared_info->evtchn_mask, port);
	if (test_bit(shared_info->evtchn_pending, port)) {
		set_bit(&vcpu->evtchn_pending_sel, port / WORD_BITS);
		__atomic_store_n(&vcpu->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
	}
	irq_restore(masked);
}

static void clear(evtchn_port_t port)
{
	clear_bit(shared_info->evtchn_pending, port);
}

static void dispatch_word(unsigned int word)
{
	unsigned long ready;

	for (;;) {
		ready = __atomic_load_n(&shared_info->evtchn_pending[word], __ATOMIC_SEQ_CST) &
			~__atomic_load_n(&shared_info->evtchn_mask[word], __ATOMIC_SEQ_CST);
		if (!ready)
			return;
		event_deliver(word * WORD_BITS + __builtin_ctzl(ready));
	}
}

static void dispatch(void)
{
	unsigned long words = __atomic_exchange_n(&priv_vcpu_info()->evtchn_pending_sel, 0,
						  __ATOMIC_SEQ_CST);

	for (; words; words &= words - 1)
		dispatch_word(__builtin_ctzl(words));
}

const struct event_abi event_2l = { reserve, mask, unmask, clear, dispatch };
