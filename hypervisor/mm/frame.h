/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame table: who owns a frame of RAM, how often it is referenced, and as what it is used.
 *
 * A frame has one type at a time. As long as its type count is not zero the type holds: a frame
 * mapped writable cannot become a page table, a page table cannot be mapped writable. That one rule
 * is what keeps guests, who write their own page tables through us, out of everybody's memory.
 *
 * References (count) keep the frame from being given to somebody else; types (type) keep it from
 * being used for something else. Whoever holds a type also holds a reference. mm/type.c holds the
 * pure transitions with their table; mm/validate.c what promotion and demotion do to the contents.
 */
#ifndef HV_MM_FRAME_H
#define HV_MM_FRAME_H

#include <stdatomic.h>

#include "hypervisor/arch/layout.h"
#include "hypervisor/lib/types.h"

struct domain;

/* struct frame.count: flags above, references below. */
#define FC_ALLOCATED	(1ull << 63)	/* the owner's own reference, given up by freeing it */
#define FC_HV		(1ull << 62)	/* the hypervisor's memory, perhaps shared with its owner */
#define FC_FLAG_BITS	8
#define FC_COUNT	((1ull << 56) - 1)

/* struct frame.type: type and flags above, uses below. */
#define FT_SHIFT	61
#define FT_TYPE		(7ull << FT_SHIFT)
#define FT_NONE		(0ull << FT_SHIFT)
#define FT_L1		(1ull << FT_SHIFT)
#define FT_L2		(2ull << FT_SHIFT)
#define FT_L3		(3ull << FT_SHIFT)
#define FT_L4		(4ull << FT_SHIFT)
#define FT_SEG		(5ull << FT_SHIFT)	/* holds segment descriptors: GDT or LDT */
#define FT_WRITABLE	(7ull << FT_SHIFT)
#define FT_PINNED	(1ull << 60)	/* the guest holds one use by itself */
#define FT_VALIDATED	(1ull << 59)	/* contents checked; entries hold their uses */
#define FT_PARTIAL	(1ull << 58)	/* entries below nr_validated hold their uses; count is 1 */
#define FT_TOP_L2	(1ull << 57)	/* a pv32 L2 for the topmost GiB: carries our entries */
#define FT_LOCKED	(1ull << 56)	/* the page lock: contents are being updated */
#define FT_ORPHAN	(1ull << 55)	/* with FT_PARTIAL: that one use is nobody's: see mm/type.c */
#define FT_LINEAR	(0xffffull << 39)	/* a signed count of linear entries: see mm/linear.c */
#define FT_COUNT	((1ull << 39) - 1)

struct frame {
	_Atomic u64 count;
	union {
		_Atomic u64 type;
		u64 left_by;		/* while free: see free_frames_of() */
	};
	struct domain *owner;		/* NULL: free, or anonymous hypervisor memory */
	u32 next, prev;			/* mfns: the owner's list (domain.pages_lock), or a free list */
	u32 tlb_stamp;			/* TLB clock when the last use of the old type went away */
	u16 nr_validated;		/* FT_PARTIAL: entries below this hold their uses */
	u8 order;			/* of a free block; of a hypervisor allocation */
	u8 flags;			/* FRAME_* */
};

_Static_assert(sizeof(struct frame) == 40, "the frame table costs 1% of memory");

#define FRAME_FREE_HEAD		0x01	/* first frame of a free block of the allocator */
#define FRAME_UNMANAGED		0x02	/* not RAM we may give away */
#define FRAME_FOREIGN		0x04	/* another domain than its owner may have it in TLBs, writable */

#define NO_FRAME		0xffffffffu	/* end of a list of mfns */

#ifndef PARAVANE_HOST_TEST
#define frame_table ((struct frame *)FRAME_TABLE_BASE)
#else
extern struct frame *frame_table;
#endif
extern mfn_t max_mfn;		/* one past the highest frame of RAM */
extern u64 total_frames;	/* frames of RAM that the allocator was given */

static inline bool mfn_valid(mfn_t mfn)
{
	return mfn < max_mfn && !(frame_table[mfn].flags & FRAME_UNMANAGED);
}

static inline struct frame *mfn_to_frame(mfn_t mfn)
{
	return &frame_table[mfn];
}

static inline mfn_t frame_to_mfn(const struct frame *frame)
{
	return (mfn_t)(frame - frame_table);
}

/* The frame's contents, through the direct map: valid for every frame of RAM, always. */
#ifndef PARAVANE_HOST_TEST
static inline void *mfn_to_virt(mfn_t mfn)
{
	return (void *)(DIRECT_MAP_BASE + (mfn << PAGE_SHIFT));
}

static inline mfn_t virt_to_mfn(const void *virt)
{
	return ((u64)virt - DIRECT_MAP_BASE) >> PAGE_SHIFT;
}
#else
void *mfn_to_virt(mfn_t mfn);
mfn_t virt_to_mfn(const void *virt);
#endif

/* --- references (mm/frame.c) ----------------------------------------------------------------- */

/* Takes a reference if @owner owns the frame and it is not being freed. */
bool __must_check get_frame(struct frame *frame, const struct domain *owner);
/* As get_frame() for whoever owns it; returns the owner, or NULL. */
struct domain *__must_check get_frame_owner(struct frame *frame);
/* Drops a reference; the last one frees the frame (or returns a shared one to its kind). */
void put_frame(struct frame *frame);
/*
 * The owner gives the frame up: clears FC_ALLOCATED and drops that reference.
 * False if it was given up before.
 */
bool free_by_owner(struct frame *frame);
/*
 * As above for what was @d's a moment ago, and without a reference of the caller's. False when it is
 * not its own: pages that the hypervisor shares name the domain as owner too, but are not its to give.
 */
bool give_up_frame(struct domain *d, struct frame *frame);

/* --- types (mm/frame.c over mm/type.c, contents by mm/validate.c) ----------------------------- */

/*
 * Takes one use of the frame as @type (with FT_TOP_L2 as wanted); a first use validates the
 * contents. The caller holds a reference. 0; -EINVAL when the type is taken or the contents are
 * illegal; -ERANGE for a root that its kernel cannot name; -ERESTART when preempted: validation goes on
 * when called again. When preemptible, a refused table may remain half done: call clear_orphan() until
 * it is not -ERESTART.
 */
int __must_check get_frame_type(struct frame *frame, u64 type, bool preemptible);
/* Gives one use back; the last one invalidates. -ERESTART as above: the use is still held. */
int put_frame_type(struct frame *frame, bool preemptible);
/* As above, the use of an entry by which a table of the same type names it. mm/linear.c */
int put_linear_use(struct frame *frame, bool preemptible);

/* Reference and use together; not preemptible. */
int __must_check get_frame_and_type(struct frame *frame, const struct domain *owner, u64 type);
void put_frame_and_type(struct frame *frame);
/* Undoes an interrupted promotion that nobody came back to. 0 or -ERESTART. */
int clear_orphan(struct frame *frame, bool preemptible);

/* What is to be done with a frame whose undoing was preempted; only who left it knows. */
enum undoing { UNDO_USE, UNDO_LINEAR_USE, UNDO_ORPHAN };
int undo_frame(struct frame *frame, enum undoing what);

/* Noted by whoever lets another domain map it writable, with that use in hand. */
static inline void frame_mapped_foreign(struct frame *frame)
{
	if (!(frame->flags & FRAME_FOREIGN))
		frame->flags |= FRAME_FOREIGN;
}

static inline u64 frame_type(const struct frame *frame)
{
	return atomic_load_explicit(&((struct frame *)frame)->type, memory_order_relaxed) & FT_TYPE;
}

/* Whether anybody uses it as its type now. */
static inline bool frame_in_use(const struct frame *frame)
{
	return atomic_load(&((struct frame *)frame)->type) & FT_COUNT;
}

/*
 * Page lock: excludes other updates of a table's contents, and holds one use meanwhile. -EBUSY when
 * the frame is not a validated table (any more); -ERESTART when this CPU is wanted elsewhere before
 * its holder is done, which may be long: an update of a higher table validates all below the entry.
 */
int frame_lock(struct frame *frame);
/* As above for an L1, whose updates are short; false for any other. */
bool frame_lock_leaves(struct frame *frame);
/* -ERESTART when that use was the last one and undoing it was preempted: the caller holds it then. */
int frame_unlock(struct frame *frame);

/* --- frames of a domain (mm/frame.c) ---------------------------------------------------------- */

/*
 * A block of 2^order frames for @d, below 2^bits bytes, on its list, each with FC_ALLOCATED and one
 * reference, and with nothing that others left behind. Their M2P entries are @pfn and those behind it
 * (INVALID_M2P: none) before anybody can give the frames back. NULL when memory is short or d's max_pages
 * would be passed.
 */
struct frame *alloc_domain_frames(struct domain *d, unsigned order, unsigned bits, u64 pfn);
/* As above, with whatever the frames held before any guest ran: for the privileged domain alone. */
struct frame *alloc_first_domain_frames(struct domain *d, unsigned order, unsigned bits, u64 pfn);
/* Give an anonymous frame (reference held by caller) to @d. -EINVAL when dying, -E2BIG past max. */
int assign_frame(struct domain *d, struct frame *frame);
/* Before a free frame is put to any use: no TLB still has it as what it was. */
void flush_former_users(struct frame *frame, unsigned order);
/*
 * For many at once: with the owner's pages_lock, takes a frame off its list if nobody but the owner
 * refers to it (so it is in no use either); without it, frees those that were.
 */
bool unlist_if_unused(struct domain *d, struct frame *frame);
void free_unlisted(struct domain *d, const u32 *mfns, unsigned nr);
/* Takes a frame from its owner if nobody else references it; then it is anonymous. */
int steal_frame(struct domain *d, struct frame *frame);

/* Lets @d map a page of the hypervisor's, writable or not; undone by unshare_page(). */
void share_page(void *page, struct domain *d, bool writable);
/* A reference to a page shared with @d, which goes when @d dies; NULL: gone. By put_shared_page(). */
static inline bool __must_check get_shared_page(const void *page, const struct domain *d)
{
	return page && get_frame(mfn_to_frame(virt_to_mfn(page)), d);
}

static inline void put_shared_page(const void *page)
{
	put_frame(mfn_to_frame(virt_to_mfn(page)));
}
/* No new references; the page may be freed when this returns true, else the last put_frame() does. */
void unshare_and_free_page(void *page);

/* All of the domain's frames given up: types first. -ERESTART when preempted. mm/relinquish.c */
int relinquish_frames(struct domain *d);

#endif
