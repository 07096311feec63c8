/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where everything stands in the hypervisor's part of the address space.
 *
 * L4 slots 256-271 are the hypervisor's in every address space; the same L3 tables hang there
 * everywhere, so a mapping made once is seen by all CPUs and all domains. The lower half and the
 * slots from 272 up are the guest's (all of it for pv64, the first 4 GiB for pv32).
 *
 *   slot  address             what                                            access
 *   256   0xffff800000000000  M2P, u64 per frame, for pv64 guests             user read-only
 *   257   0xffff808000000000  M2P (same frames)                               hypervisor
 *         0xffff80c000000000  compat M2P, u32 per frame, for pv32 guests      hypervisor
 *   258   0xffff810000000000  CPU windows: the GDT and LDT of what runs       hypervisor
 *   259   0xffff818000000000  device memory (APICs, HPET, ACPI, frame buffer) hypervisor
 *   260   0xffff820000000000  frame table                                     hypervisor
 *   261   0xffff828000000000  image                                           hypervisor
 *   262+  0xffff830000000000  direct map of all RAM, 5 TiB                    hypervisor
 *
 * A pv32 guest sees the compat M2P read-only at COMPAT_M2P_GUEST as well, through entries that the
 * hypervisor keeps in the guest's topmost L2 table.
 */
#ifndef HV_ARCH_LAYOUT_H
#define HV_ARCH_LAYOUT_H

#define HV_FIRST_SLOT		256
#define HV_LAST_SLOT		271
#define HV_SLOTS		(HV_LAST_SLOT - HV_FIRST_SLOT + 1)

#define HV_VIRT_START		0xffff800000000000
#define HV_VIRT_END		0xffff880000000000

#define M2P_GUEST		0xffff800000000000
#define M2P_BASE		0xffff808000000000
#define M2P_SIZE		0x0000004000000000
#define COMPAT_M2P_BASE		0xffff80c000000000
#define CPU_WINDOW_BASE		0xffff810000000000
#define DEVICE_MAP_BASE		0xffff818000000000
#define DEVICE_MAP_SIZE		0x0000000040000000
#define FRAME_TABLE_BASE	0xffff820000000000
#define IMAGE_BASE		0xffff828000000000
#define DIRECT_MAP_BASE		0xffff830000000000
#define DIRECT_MAP_SIZE		0x0000050000000000

/* The image is loaded at this machine address; virtual = machine + IMAGE_OFFSET. */
#define IMAGE_LOAD		0x100000
#define IMAGE_OFFSET		(IMAGE_BASE - IMAGE_LOAD)

/* The compat M2P in a pv32 guest's 4 GiB, unless its HV_START_LOW note asks for more room. */
#define COMPAT_M2P_GUEST	0xf5800000
#define COMPAT_M2P_GUEST_END	0xffe00000

/* Each CPU's window: 16 pages of GDT, then 16 pages of LDT. */
#define CPU_WINDOW_PAGES	32
#define CPU_WINDOW_SIZE		(CPU_WINDOW_PAGES * 4096)
#define GDT_WINDOW_PAGES	16
#define LDT_WINDOW_PAGES	16

#define MAX_CPUS		64
#define CPU_STACK_SIZE		16384

#endif
