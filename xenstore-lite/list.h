/* SPDX-License-Identifier: GPL-2.0-only */
/* Circular doubly linked lists, the link embedded in what is listed. */
#ifndef XENSTORE_LITE_LIST_H
#define XENSTORE_LITE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define container_of(p, type, member) ((type *)(void *)((char *)(p) - offsetof(type, member)))

static inline void list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Before @head: at the end of the list it heads. */
static inline void list_add_tail(struct list *item, struct list *head)
{
	item->prev = head->prev;
	item->next = head;
	head->prev->next = item;
	head->prev = item;
}

/* The item is left as an empty list, so that taking it out twice does no harm. */
static inline void list_remove(struct list *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	list_init(item);
}

#define list_for_each(pos, head) for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

/* The form to use where the body may take @pos out of the list. */
#define list_for_each_safe(pos, following, head)						\
	for ((pos) = (head)->next, (following) = (pos)->next; (pos) != (head);			\
	     (pos) = (following), (following) = (pos)->next)

#endif
