/* SPDX-License-Identifier: GPL-2.0-only */
/* How services join a domain's life: one ordered table, walked up at birth and down at death. */
#ifndef HV_DOMAIN_HOOKS_H
#define HV_DOMAIN_HOOKS_H

struct domain;
struct vcpu;

/*
 * Any member may be NULL. A create that fails has undone its own part; those that ran before it get
 * their destroy. domain_kill() may return -ERESTART when preempted and must be idempotent; it gives
 * back everything that involves other domains. vcpu_destroy() and domain_destroy() run when nothing
 * refers to the object any more: they only free memory.
 */
struct domain_hooks {
	int (*domain_create)(struct domain *d);
	int (*vcpu_create)(struct vcpu *v);
	int (*domain_kill)(struct domain *d);
	void (*vcpu_destroy)(struct vcpu *v);
	void (*domain_destroy)(struct domain *d);
};

/* Ends with NULL; defined in boot/hooks.c, which alone knows all services. */
extern const struct domain_hooks *const domain_hooks[];

#endif
