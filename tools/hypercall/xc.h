/* SPDX-License-Identifier: GPL-2.0-only */
/* Typed hypercalls of a control domain. Every function gives 0 or more, or a negative errno. */
#ifndef TOOLS_HYPERCALL_XC_H
#define TOOLS_HYPERCALL_XC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvabi/xen.h"
#include "pvabi/event_channel.h"
#include "pvabi/domctl.h"
#include "pvabi/sysctl.h"

/* --- domctl.c: domains ------------------------------------------------------------------------ */
struct xc_create {
	uint8_t uuid[16];
	unsigned int max_vcpus;
	unsigned int max_event_channels, max_grant_frames, max_maptrack_frames, max_grant_version;
};

int xc_domain_create(const struct xc_create *create, domid_t *domid);
/* Returns when the domain is gone or waits only for pages that others still map. */
int xc_domain_destroy(domid_t domid);
int xc_domain_pause(domid_t domid);
int xc_domain_unpause(domid_t domid);
int xc_domain_max_vcpus(domid_t domid, unsigned int count);
int xc_domain_max_mem(domid_t domid, uint64_t kb);
int xc_domain_address_size(domid_t domid, unsigned int bits);
int xc_domain_get_address_size(domid_t domid, unsigned int *bits);
/* Fills the page at @mfn, which must belong to the domain, with its hypercall stubs. */
int xc_domain_hypercall_page(domid_t domid, uint64_t mfn);
/* @context is in the layout of the domain's own width. */
int xc_vcpu_set_context(domid_t domid, unsigned int vcpu, void *context);
int xc_vcpu_get_context(domid_t domid, unsigned int vcpu, void *context);
int xc_vcpu_info(domid_t domid, unsigned int vcpu, struct xen_domctl_getvcpuinfo *info);
/* Affinity as bit masks; 0 leaves one as it is. */
int xc_vcpu_set_affinity(domid_t domid, unsigned int vcpu, uint64_t hard, uint64_t soft);
int xc_vcpu_get_affinity(domid_t domid, unsigned int vcpu, uint64_t *hard, uint64_t *soft);
/*
 * One that has shut down or gone since the last call, and XEN_DOMCTL_GETDOMSTATE_STATE_* (0: gone).
 * -ENOENT: there is none. Other errors: the hypervisor does not tell.
 */
int xc_domain_changed(domid_t *domid, unsigned int *state);
int xc_domain_info(domid_t domid, struct xen_domctl_getdomaininfo *info);
/* Weight 0 keeps the weight. */
int xc_domain_set_credit(domid_t domid, unsigned int weight, unsigned int cap);
int xc_domain_get_credit(domid_t domid, unsigned int *weight, unsigned int *cap);
int xc_domain_set_tsc_mode(domid_t domid, unsigned int mode);
/* Its CPUID leaves: *@nr is the room in @leaves and then their number; NULL asks how many there may be. */
int xc_domain_get_cpu_policy(domid_t domid, struct xen_cpuid_leaf *leaves, unsigned int *nr);
/* Sets the leaves named, before the domain runs. A leaf that is refused is in *@refused; else all ones. */
int xc_domain_set_cpu_policy(domid_t domid, const struct xen_cpuid_leaf *leaves, unsigned int nr,
			     struct xen_cpuid_leaf *refused);
int xc_domain_trigger(domid_t domid, unsigned int vcpu, unsigned int trigger);

/* --- sysctl.c: the machine -------------------------------------------------------------------- */
/* Domains from @first on in the order of their ids; the number written to @list. */
int xc_domain_list(domid_t first, struct xen_domctl_getdomaininfo *list, unsigned int max);
int xc_physinfo(struct xen_sysctl_physinfo *info);
int xc_sched_id(unsigned int *id);
/* The number of CPUs, @max at most; the core of one that cannot be used is XEN_INVALID_CORE_ID. */
int xc_cpu_topology(struct xen_sysctl_cputopo *list, unsigned int max);
/* The number of nodes, @max at most; @distances has as many rows and columns. */
int xc_numa(struct xen_sysctl_meminfo *list, uint32_t *distances, unsigned int max);
/* The credit scheduler's parameters for all domains. */
int xc_sched_get_params(unsigned int *tslice_ms, unsigned int *ratelimit_us);
int xc_sched_set_params(unsigned int tslice_ms, unsigned int ratelimit_us);
/* The hypervisor's console ring from *@index on; the number of bytes, *@index moves on. */
int xc_read_console(char *out, unsigned int size, bool clear, uint32_t *index);
int xc_debug_keys(const char *keys);

/* --- memory.c --------------------------------------------------------------------------------- */
/*
 * Gives the domain @count extents of 2^@order pages. @frames holds the first pfn of each, and then
 * the first mfn, all below 2^@bits bytes (0: anywhere). The number of extents that were populated,
 * which may be less than asked for.
 */
int xc_populate(domid_t domid, xen_pfn_t *frames, unsigned int count, unsigned int order,
		unsigned int bits);
/* What the domain reads as its machine's memory: it prepares for so much. */
int xc_domain_memory_map(domid_t domid, uint64_t kb);
/* Pins a page table of @level (3 or 4) on behalf of the domain. */
int xc_pin_table(domid_t domid, unsigned int level, uint64_t mfn);

/* --- misc.c ----------------------------------------------------------------------------------- */
/* A port of @domid that this domain may bind. */
int xc_alloc_unbound(domid_t domid, evtchn_port_t *port);
/* The frame that holds the first entries of the domain's grant table. */
int xc_grant_frame(domid_t domid, uint64_t *mfn);

struct xc_version {
	unsigned int major, minor;
	char extra[16];
	char capabilities[1024];
	char changeset[64];
	char commandline[1024];
	char compiler[64], compile_by[16], compile_domain[32], compile_date[32];
	char build_id[65]; /* hexadecimal */
	uint64_t virt_start;
	unsigned int page_size;
};

/* What the hypervisor does not tell stays empty. */
int xc_version(struct xc_version *version);

#endif
