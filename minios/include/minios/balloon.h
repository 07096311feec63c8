/* SPDX-License-Identifier: MIT */
/* Giving memory back to the hypervisor, and taking it again, at the toolstack's wish. */
#ifndef MINIOS_BALLOON_H
#define MINIOS_BALLOON_H

/* The kernel's: once the store is there. */
void balloon_init(void);

#endif
