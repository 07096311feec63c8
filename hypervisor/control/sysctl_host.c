/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl: what the machine is, and how busy. One node; topology as far as CPUs are counted. */
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/pci.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/control/cpu_policy.h"
#include "hypervisor/control/sysctl.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/lib/bitmap.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"

/* The words of CPUID by which tools compare machines, in the order the interface gives them. */
static const struct {
	u32 leaf, subleaf;
	u8 reg;			/* 0-3: eax, ebx, ecx, edx */
} feature_words[] = {
	{ 1, 0, 3 }, { 1, 0, 2 }, { 0x80000001, 0, 3 }, { 0x80000001, 0, 2 }, { 0xd, 1, 0 },
	{ 7, 0, 1 }, { 7, 0, 2 }, { 0x80000007, 0, 3 }, { 0x80000008, 0, 1 }, { 7, 0, 3 },
	{ 7, 1, 0 }, { 0x80000021, 0, 0 }, { 7, 1, 1 }, { 7, 2, 3 },
};

static u32 feature_word(unsigned index)
{
	u32 leaf = feature_words[index].leaf;
	struct cpuid_regs r;

	if (cpuid(leaf & 0x80000000, 0).eax < leaf)
		return 0;
	r = cpuid(leaf, feature_words[index].subleaf);
	switch (feature_words[index].reg) {
	case 0:
		return r.eax;
	case 1:
		return r.ebx;
	case 2:
		return r.ecx;
	default:
		return r.edx;
	}
}

int sysctl_physinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_physinfo *p = &op->u.physinfo;

	memset(p, 0, sizeof(*p));
	p->threads_per_core = 1;
	p->cores_per_socket = nr_cpus;
	p->nr_cpus = count_bits(sched_usable_cpus());
	p->max_cpu_id = nr_cpus - 1;
	p->nr_nodes = 1;
	p->cpu_khz = (u32)tsc_khz();
	p->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 |
			  XEN_SYSCTL_PHYSCAP_gnttab_v2;
	p->total_pages = total_frames;
	p->free_pages = free_frame_count();
	p->outstanding_pages = claims_total();
	p->max_mfn = max_mfn - 1;
	for (unsigned i = 0; i < ARRAY_SIZE(p->hw_cap); i++)
		p->hw_cap[i] = feature_word(i);
	return 0;
}

int sysctl_getcpuinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_getcpuinfo *c = &op->u.getcpuinfo;
	u32 n = MIN(c->max_cpus, nr_cpus);

	for (u32 i = 0; i < n; i++) {
		struct xen_sysctl_cpuinfo info = { .idletime = sched_idle_time(i) };

		if (copy_to_guest((gva_t)c->info.p + i * sizeof(info), &info, sizeof(info)))
			return -EFAULT;
	}
	c->nr_cpus = n;
	return 0;
}

/* No CPU has siblings here, so there is nothing to switch for all of them. */
int sysctl_cpu_hotplug(struct xen_sysctl *op)
{
	switch (op->u.cpu_hotplug.op) {
	case XEN_SYSCTL_CPU_HOTPLUG_ONLINE:
		return sched_unpark_cpu(op->u.cpu_hotplug.cpu);
	case XEN_SYSCTL_CPU_HOTPLUG_OFFLINE:
		return sched_park_cpu(op->u.cpu_hotplug.cpu);
	default:
		return -EOPNOTSUPP;
	}
}

int sysctl_cputopoinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_cputopoinfo *t = &op->u.cputopoinfo;
	static const struct xen_sysctl_cputopo offline = {
		XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID, XEN_INVALID_NODE_ID,
	};
	u32 n = MIN(t->num_cpus, nr_cpus);

	for (u32 i = 0; t->cputopo.p && i < n; i++) {
		struct xen_sysctl_cputopo topo = { .core = i };

		if (!(sched_usable_cpus() & BIT(i)))
			topo = offline;

		if (copy_to_guest((gva_t)t->cputopo.p + i * sizeof(topo), &topo, sizeof(topo)))
			return -EFAULT;
	}
	t->num_cpus = t->cputopo.p ? n : nr_cpus;
	return 0;
}

#define PCI_BATCH	64	/* functions in one call; who has more asks again */

/* There is one node, and nobody says of a function that it is near to it. */
static u32 pci_node(const struct physdev_pci_device *f)
{
	u16 bdf = (u16)(f->bus << 8 | f->devfn);

	return f->seg || pci_read(bdf, 0, 2) == 0xffff ? XEN_INVALID_DEV : XEN_INVALID_NODE_ID;
}

int sysctl_pcitopoinfo(struct xen_sysctl *op)
{
	struct xen_sysctl_pcitopoinfo *t = &op->u.pcitopoinfo;
	struct physdev_pci_device function;
	u32 node;

	if (!t->devs.p || !t->nodes.p)
		return -EINVAL;
	t->num_devs = MIN(t->num_devs, (u32)PCI_BATCH);
	for (u32 i = 0; i < t->num_devs; i++) {
		if (copy_from_guest(&function, (gva_t)t->devs.p + i * sizeof(function),
				    sizeof(function)))
			return -EFAULT;
		node = pci_node(&function);
		if (copy_to_guest((gva_t)t->nodes.p + i * sizeof(node), &node, sizeof(node)))
			return -EFAULT;
	}
	return 0;
}

#define LOCAL_DISTANCE	10

int sysctl_numainfo(struct xen_sysctl *op)
{
	struct xen_sysctl_numainfo *n = &op->u.numainfo;
	struct xen_sysctl_meminfo mem = {
		.memsize = total_frames << PAGE_SHIFT,
		.memfree = free_frame_count() << PAGE_SHIFT,
	};
	u32 distance = LOCAL_DISTANCE;

	if (n->num_nodes && n->meminfo.p &&
	    copy_to_guest((gva_t)n->meminfo.p, &mem, sizeof(mem)))
		return -EFAULT;
	if (n->num_nodes && n->distance.p &&
	    copy_to_guest((gva_t)n->distance.p, &distance, sizeof(distance)))
		return -EFAULT;
	if (n->num_nodes || (!n->meminfo.p && !n->distance.p))
		n->num_nodes = 1;
	return 0;
}

int sysctl_availheap(struct xen_sysctl *op)
{
	struct xen_sysctl_availheap *a = &op->u.availheap;

	a->avail_bytes = a->node > 0 ? 0 : free_frame_count() << PAGE_SHIFT;
	return 0;
}

/* No CPUID word is masked by hardware here. */
int sysctl_get_cpu_levelling_caps(struct xen_sysctl *op)
{
	op->u.cpu_levelling_caps.caps = 0;
	return 0;
}

int sysctl_get_cpu_featureset(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
	u32 room = f->nr_features;

	if (f->index == XEN_SYSCTL_cpu_featureset_hvm ||
	    f->index == XEN_SYSCTL_cpu_featureset_hvm_max)
		return -EOPNOTSUPP;
	if (f->index > XEN_SYSCTL_cpu_featureset_hvm_max)
		return -EINVAL;
	f->nr_features = ARRAY_SIZE(feature_words);
	if (!f->features.p)
		return 0;
	f->nr_features = MIN(room, (u32)ARRAY_SIZE(feature_words));
	for (u32 i = 0; i < f->nr_features; i++) {
		u32 word = feature_word(i);

		if (copy_to_guest((gva_t)f->features.p + i * sizeof(word), &word, sizeof(word)))
			return -EFAULT;
	}
	return room < ARRAY_SIZE(feature_words) ? -ENOBUFS : 0;
}

/* A guest's policy is shown by the caller's own example: it is the same for all of a width. */
int sysctl_get_cpu_policy(struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_policy *p = &op->u.cpu_policy;
	const struct domain *d = NULL;

	if (p->_rsvd || p->index > XEN_SYSCTL_cpu_policy_hvm_default)
		return -EINVAL;
	if (p->index == XEN_SYSCTL_cpu_policy_hvm_max ||
	    p->index == XEN_SYSCTL_cpu_policy_hvm_default)
		return -EOPNOTSUPP;
	if (p->index == XEN_SYSCTL_cpu_policy_pv_max ||
	    p->index == XEN_SYSCTL_cpu_policy_pv_default)
		d = current->domain;
	return cpu_policy_write(d, &(struct policy_room){
		(gva_t)p->leaves.p, (gva_t)p->msrs.p, &p->nr_leaves, &p->nr_msrs });
}
