/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before everything: no symbol of the hypervisor is reached through an offset table. */
#pragma GCC visibility push(hidden)
