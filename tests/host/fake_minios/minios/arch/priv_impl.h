/* SPDX-License-Identifier: GPL-2.0-only */
/* Event masking for host tests: a variable, so that a test sees whether it was put back. */
#ifndef MINIOS_ARCH_PRIV_IMPL_H
#define MINIOS_ARCH_PRIV_IMPL_H

extern bool fake_masked;

static inline bool priv_events_masked(void)
{
	return fake_masked;
}

static inline bool priv_events_mask(void)
{
	bool was = fake_masked;

	fake_masked = true;
	return was;
}

static inline void priv_events_unmask(void)
{
	fake_masked = false;
}

#endif
