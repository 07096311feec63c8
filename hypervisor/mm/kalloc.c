/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's small objects: each page holds objects of one size class behind a header.
 *
 * Objects of 64 bytes and more are aligned to 64. What is larger than the largest class gets whole
 * pages; those are page-aligned, which no small object is, and that is how kfree() tells them
 * apart.
 */
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/list.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"

struct slab {
	struct list link;	/* in its class's list, while it has free objects */
	void *free;		/* chain through the first word of each free object */
	u16 used, total;
	u16 class;
} __aligned(64);

struct class {
	struct spinlock lock;	/* guards the list, the counts, and the slabs' counts and chains */
	struct list partial;
	u16 size;
	u32 objects, pages;	/* in use */
};

#define CLASS(n, bytes)								\
	[n] = { SPINLOCK_INIT("kalloc-" #bytes, RANK_KALLOC), LIST_INIT(classes[n].partial), bytes, 0, 0 }

static struct class classes[] = {
	CLASS(0, 16), CLASS(1, 32), CLASS(2, 64), CLASS(3, 128), CLASS(4, 192), CLASS(5, 256),
	CLASS(6, 384), CLASS(7, 512), CLASS(8, 640), CLASS(9, 768), CLASS(10, 960),
	CLASS(11, 1344), CLASS(12, 1984),
};

#define NR_CLASSES	ARRAY_SIZE(classes)
#define LARGEST_CLASS	1984

_Static_assert(sizeof(struct slab) == 64, "objects follow the header aligned to 64");
_Static_assert(sizeof(struct slab) + 2 * LARGEST_CLASS <= PAGE_SIZE, "two of the largest fit");

static struct class *class_of_size(size_t size)
{
	unsigned i = 0;

	while (classes[i].size < size)
		i++;
	return &classes[i];
}

/* A page of free objects, in the list of its class. Called with the class locked. */
static struct slab *slab_new(struct class *class)
{
	struct slab *slab = alloc_page();
	char *objects;

	if (!slab)
		return NULL;
	objects = (char *)(slab + 1);
	slab->class = class - classes;
	slab->total = (PAGE_SIZE - sizeof(*slab)) / class->size;
	for (unsigned i = slab->total; i-- > 0;) {
		void **object = (void **)(objects + i * class->size);

		*object = slab->free;
		slab->free = object;
	}
	list_append(&slab->link, &class->partial);
	class->pages++;
	return slab;
}

static void *alloc_small(size_t size)
{
	struct class *class = class_of_size(size);
	struct slab *slab;
	void **object = NULL;

	lock(&class->lock);
	slab = list_empty(&class->partial) ? slab_new(class)
					   : list_first(&class->partial, struct slab, link);
	if (slab) {
		object = slab->free;
		slab->free = *object;
		class->objects++;
		if (++slab->used == slab->total)
			list_remove(&slab->link);
	}
	unlock(&class->lock);
	return object ? memset(object, 0, class->size) : NULL;
}

static void free_small(void *ptr)
{
	struct slab *slab = (struct slab *)((uintptr_t)ptr & PAGE_MASK);
	struct class *class = &classes[slab->class];
	bool empty;

	BUG_ON(slab->class >= NR_CLASSES ||
	       ((uintptr_t)ptr - (uintptr_t)(slab + 1)) % class->size);
	lock(&class->lock);
	*(void **)ptr = slab->free;
	slab->free = ptr;
	class->objects--;
	if (slab->used-- == slab->total)
		list_append(&slab->link, &class->partial);
	/* Only the last page of a class is kept, lest one object's life cost a page's. */
	empty = !slab->used && class->partial.next->next != &class->partial;
	if (empty) {
		list_remove(&slab->link);
		class->pages--;
	}
	unlock(&class->lock);
	if (empty)
		free_page(slab);
}

static unsigned order_of_size(size_t size)
{
	unsigned order = 0;

	while (order <= MAX_ORDER && PAGE_SIZE << order < size)
		order++;
	return order;
}

void *kalloc(size_t size)
{
	unsigned order;
	void *pages;

	if (size <= LARGEST_CLASS)
		return alloc_small(size);
	order = order_of_size(size);
	pages = order <= MAX_ORDER ? alloc_pages(order) : NULL;
	if (pages)
		mfn_to_frame(virt_to_mfn(pages))->order = order;
	return pages;
}

void kfree(void *ptr)
{
	if (!ptr)
		return;
	if ((uintptr_t)ptr & ~PAGE_MASK)
		free_small(ptr);
	else
		free_pages(ptr, mfn_to_frame(virt_to_mfn(ptr))->order);
}

void kalloc_count(u64 *objects, u64 *pages)
{
	*objects = *pages = 0;
	for (unsigned i = 0; i < NR_CLASSES; i++) {
		lock(&classes[i].lock);
		*objects += classes[i].objects;
		*pages += classes[i].pages;
		unlock(&classes[i].lock);
	}
}
