/* SPDX-License-Identifier: MIT */
/* The list of our memory, which the toolstack reads, too. <minios/mm.h> has pfn_to_mfn(). */
#ifndef MINIOS_P2M_H
#define MINIOS_P2M_H

#include <minios/mm.h>

/* The kernel's: the list is this one from now on. */
void p2m_init(mfn_t *list, pfn_t entries);
const mfn_t *p2m_list(void);
/* As long as the direct map may become; pfn_to_mfn() is INVALID_MFN where there is no memory now. */
pfn_t p2m_entries(void);
void p2m_set(pfn_t pfn, mfn_t mfn);

/* The kernel's: once, after mm_init(). */
void p2m_publish(void);

#endif
