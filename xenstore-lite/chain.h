/* SPDX-License-Identifier: GPL-2.0-only */
/* Circular doubly linked lists, the link embedded in what is listed. */
#ifndef XENSTORE_LITE_CHAIN_H
#define XENSTORE_LITE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

struct chain {
	struct chain *next, *prev;
};

#define container_of(p, type, member) ((type *)(void *)((char *)(p) - offsetof(type, member)))

static inline void chain_init(struct chain *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool chain_empty(const struct chain *head)
{
	return head->next == head;
}

/* Before @head: at the end of the list it heads. */
static inline void chain_add_tail(struct chain *item, struct chain *head)
{
	item->prev = head->prev;
	item->next = head;
	head->prev->next = item;
	head->prev = item;
}

/* The item is left as an empty list, so that taking it out twice does no harm. */
static inline void chain_remove(struct chain *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	chain_init(item);
}

#define chain_for_each(pos, head) for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

/* The form to use where the body may take @pos out of the list. */
#define chain_for_each_safe(pos, following, head)						\
	for ((pos) = (head)->next, (following) = (pos)->next; (pos) != (head);			\
	     (pos) = (following), (following) = (pos)->next)

#endif
