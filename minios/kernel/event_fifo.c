/* SPDX-License-Identifier: MIT */
/*
 * The FIFO ABI: 131,072 ports, where the bitmaps have 1,024 or 4,096; for a domain that talks to a
 * thousand others.
 *
 * Each port has a word in pages that we give to the hypervisor as they are needed. It links words
 * with new events into queues, one for each priority, whose heads stand in the control block; we
 * unlink from the front. A queue's end is a word without a link: once that one is unlinked, the
 * hypervisor begins the queue anew by the control block, and tells by its ready bit.
 */
#include <errno.h>
#include <string.h>
#include <minios/event_abi.h>
#include <minios/hypercall.h>
#include <minios/irq.h>
#include <minios/mm.h>
#include <minios/panic.h>
#include <minios/start.h>

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define MAX_PAGES      (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)
#define PENDING	       (1u << EVTCHN_FIFO_PENDING)
#define MASKED	       (1u << EVTCHN_FIFO_MASKED)
#define LINKED	       (1u << EVTCHN_FIFO_LINKED)
#define BUSY	       (1u << EVTCHN_FIFO_BUSY)

#define CHUNK_ORDER    3u /* pages for a chunk of handlers */

_Static_assert(WORDS_PER_PAGE == EVENT_CHUNK, "a page of words comes with a chunk of handlers");
_Static_assert(EVENT_CHUNK * sizeof(struct event_binding) <= PAGE_SIZE << CHUNK_ORDER, "it fits");

static event_word_t *words[MAX_PAGES];
static unsigned int pages;
static struct evtchn_fifo_control_block *control;
static evtchn_port_t head[EVTCHN_FIFO_MAX_QUEUES]; /* 0: where the control block says */

static event_word_t *word_of(evtchn_port_t port)
{
	return &words[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];
}

/* The handlers for the next page's ports, unless they are there. */
static int add_handlers(void)
{
	struct event_binding *chunk;

	if (event_ports() > pages * WORDS_PER_PAGE)
		return 0;
	chunk = pages_alloc(CHUNK_ORDER);
	if (!chunk)
		return -ENOMEM;
	memset(chunk, 0, PAGE_SIZE << CHUNK_ORDER);
	event_add_bindings(chunk);
	return 0;
}

/* Ports with a handler are unmasked: those that were before we came to this ABI. */
static int add_page(void)
{
	struct evtchn_expand_array op;
	event_word_t *page;
	unsigned int i;
	long rc;

	if (pages == MAX_PAGES)
		return -ENOSPC;
	rc = add_handlers();
	page = rc ? NULL : page_alloc();
	if (!page)
		return -ENOMEM;
	for (i = 0; i < WORDS_PER_PAGE; i++)
		page[i] = event_has_handler(pages * WORDS_PER_PAGE + i) ? 0 : MASKED;
	words[pages] = page;
	op.array_gfn = virt_to_mfn(page);
	rc = hypercall_event_channel_op(EVTCHNOP_expand_array, &op);
	if (rc)
		page_free(page);
	else
		pages++;
	return rc;
}

static int reserve(evtchn_port_t port)
{
	int rc = 0;

	while (!rc && port / WORDS_PER_PAGE >= pages)
		rc = add_page();
	return rc;
}

static void mask(evtchn_port_t port)
{
	__atomic_fetch_or(word_of(port), MASKED, __ATOMIC_SEQ_CST);
}

/* Only the hypervisor may unmask what is pending, since it must be linked, or what it has in hand. */
static void unmask(evtchn_port_t port)
{
	struct evtchn_unmask op = { .port = port };
	event_word_t *word = word_of(port);
	event_word_t old = __atomic_load_n(word, __ATOMIC_SEQ_CST);

	do {
		if (!(old & MASKED))
			return;
		if (old & (PENDING | BUSY)) {
			hypercall_event_channel_op(EVTCHNOP_unmask, &op);
			return;
		}
	} while (!__atomic_compare_exchange_n(word, &old, old & ~MASKED, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST));
}

static void clear(evtchn_port_t port)
{
	__atomic_fetch_and(word_of(port), ~PENDING, __ATOMIC_SEQ_CST);
}

/* Takes the word out of its queue and says which comes next. */
static evtchn_port_t unlink(event_word_t *word)
{
	event_word_t old = __atomic_load_n(word, __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n(word, &old, old & ~(LINKED | EVTCHN_FIFO_LINK_MASK),
					    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return old & EVTCHN_FIFO_LINK_MASK;
}

/* False: that was the queue's last. */
static bool take_first(unsigned int queue)
{
	evtchn_port_t port = head[queue];
	event_word_t *word;

	if (!port)
		port = __atomic_load_n(&control->head[queue], __ATOMIC_ACQUIRE);
	word = word_of(port);
	head[queue] = unlink(word);
	if ((__atomic_load_n(word, __ATOMIC_SEQ_CST) & (PENDING | MASKED)) == PENDING)
		event_deliver(port);
	return head[queue] != 0;
}

static void dispatch(void)
{
	uint32_t ready = 0;
	unsigned int queue;

	while ((ready |= __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST))) {
		queue = __builtin_ctz(ready);
		if (!take_first(queue))
			ready &= ~(1u << queue);
	}
}

static const struct event_abi event_fifo = { reserve, mask, unmask, clear, dispatch };

/* No events come between the call that changes the ABI and the pages that make it whole. */
int event_use_fifo(void)
{
	struct evtchn_init_control op = { .offset = 0, .vcpu = 0 };
	bool masked;
	int rc;

	if (control)
		return 0;
	control = page_alloc_zero();
	if (!control)
		return -ENOMEM;
	op.control_gfn = virt_to_mfn(control);
	masked = irq_save();
	rc = hypercall_event_channel_op(EVTCHNOP_init_control, &op);
	if (rc) {
		page_free(control);
		control = NULL;
	} else {
		event_switch(&event_fifo);
		while (pages * WORDS_PER_PAGE < event_ports())
			if (add_page())
				panic("no memory for event channels");
	}
	irq_restore(masked);
	return rc;
}
