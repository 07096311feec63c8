/* SPDX-License-Identifier: MIT */
/* The list of our memory that the toolstack reads. */
#ifndef MINIOS_P2M_H
#define MINIOS_P2M_H

/* The kernel's: once, after mm_init(). */
void p2m_publish(void);

#endif
