/* SPDX-License-Identifier: MIT */
/* For assembly shared by both widths: a machine word, and notes that only this width has. */
#ifndef MINIOS_ARCH_WIDTH_H
#define MINIOS_ARCH_WIDTH_H

#define WORD .long
#define ARCH_NOTES note_number XEN_ELFNOTE_HV_START_LOW, HV_START_LOW

#endif
