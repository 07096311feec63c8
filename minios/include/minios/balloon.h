/* SPDX-License-Identifier: MIT */
/* Giving memory back to the hypervisor, and taking it again, at the toolstack's wish. */
#ifndef MINIOS_BALLOON_H
#define MINIOS_BALLOON_H

/* The kernel's: once the store is there. */
void balloon_init(void);

/* What memory/target would say, for who has no such node: 0 or negative. */
int balloon_set_target(unsigned long pages);

#endif
