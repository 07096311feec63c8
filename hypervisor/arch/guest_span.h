/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames on a guest's stack: checked as a whole, then moved a word at a time by one instruction each,
 * without a call. A span exists only where guest_range_ok() has allowed it, so words within it need
 * no check of their own; what cannot be read or written makes the access jump to @fault.
 */
#ifndef HV_ARCH_GUEST_SPAN_H
#define HV_ARCH_GUEST_SPAN_H

#include "hypervisor/arch/faulting.h"
#include "hypervisor/arch/guest_access.h"

struct guest_span {
	gva_t base;
};

static inline bool __must_check guest_span(struct guest_span *span, gva_t base, size_t len)
{
	span->base = base;
	return guest_range_ok(base, len);
}

/* As above, for who knows that the guest is a pv32 one. */
static inline bool __must_check guest_span32(struct guest_span *span, u32 base, u32 len)
{
	span->base = base;
	return (u64)base + len <= this_cpu()->guest_m2p_start;
}

/* @value's type says how many bytes; @offset and they lie within the span. */
#define guest_put(span, offset, value, fault)					\
	({									\
		__typeof__(value) value_ = (value);				\
		__typeof__(value) *at_ = (void *)((span)->base + (offset));	\
		asm goto("1: mov %0, %1\n\t" ON_FAULT(fault)			\
			 : : "r"(value_), "m"(*at_) : "memory" : fault);	\
	})

#define guest_get(span, offset, variable, fault)				\
	({									\
		__typeof__(variable) *at_ = (void *)((span)->base + (offset));	\
		try_load(at_, variable, fault);					\
	})

#endif
