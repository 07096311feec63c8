/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The structures a new guest starts with, in both widths whatever the width of this program. The
 * fields are those of the public interface; a host test compares every offset with its headers.
 */
#ifndef TOOLS_BUILDER_FOREIGN_H
#define TOOLS_BUILDER_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t word32;
typedef uint64_t word64 __attribute__((aligned(8)));

#define FOREIGN_CMDLINE 1024

/* Each vCPU's part of the shared page is 64 bytes in both widths; the upcall mask is its byte 1. */
#define SHARED_VCPU_SIZE	64
#define SHARED_VCPU_UPCALL_MASK 1
#define SHARED_VCPUS		32

struct foreign_regs32 {
	uint32_t ebx, ecx, edx, esi, edi, ebp, eax;
	uint16_t error_code, entry_vector;
	uint32_t eip;
	uint16_t cs;
	uint8_t saved_upcall_mask, pad0;
	uint32_t eflags, esp;
	uint16_t ss, pad1, es, pad2, ds, pad3, fs, pad4, gs, pad5;
};

struct foreign_regs64 {
	word64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint32_t error_code, entry_vector;
	word64 rip;
	uint16_t cs, pad0;
	uint8_t saved_upcall_mask, pad1[3];
	word64 rflags, rsp;
	uint16_t ss, pad2[3], es, pad3[3], ds, pad4[3], fs, pad5[3], gs, pad6[3];
};

#define FOREIGN_STRUCTS(bits)                                                                      \
	struct foreign_start_info##bits {                                                          \
		char magic[32];                                                                    \
		word##bits nr_pages, shared_info;                                                  \
		uint32_t flags;                                                                    \
		word##bits store_mfn;                                                              \
		uint32_t store_evtchn;                                                             \
		struct {                                                                           \
			word##bits mfn;                                                            \
			uint32_t evtchn;                                                           \
		} console;                                                                         \
		word##bits pt_base, nr_pt_frames, mfn_list, mod_start, mod_len;                    \
		char cmd_line[FOREIGN_CMDLINE];                                                    \
		word##bits first_p2m_pfn, nr_p2m_frames;                                           \
	};                                                                                         \
	struct foreign_trap_info##bits {                                                           \
		uint8_t vector, flags;                                                             \
		uint16_t cs;                                                                       \
		word##bits address;                                                                \
	};                                                                                         \
	struct foreign_context##bits {                                                             \
		uint8_t fpu[512];                                                                  \
		word##bits flags;                                                                  \
		struct foreign_regs##bits regs;                                                    \
		struct foreign_trap_info##bits traps[256];                                         \
		word##bits ldt_base, ldt_ents, gdt_frames[16], gdt_ents, kernel_ss, kernel_sp;     \
		word##bits ctrlreg[8], debugreg[8];                                                \
		/* 32: event cs, eip, failsafe cs, eip; 64: event, failsafe, syscall eip */        \
		word##bits callbacks[bits == 32 ? 4 : 3];                                          \
		word##bits vm_assist;                                                              \
		word64 bases[bits == 32 ? 0 : 3]; /* fs, gs kernel, gs user */                     \
	};                                                                                         \
	/* The start of the shared page, up to what the guest says of its memory. */               \
	struct foreign_shared##bits {                                                              \
		uint8_t vcpus[SHARED_VCPUS * SHARED_VCPU_SIZE];                                    \
		word##bits pending[bits], mask[bits];                                              \
		uint32_t wc[bits == 32 ? 3 : 4];                                                   \
		word##bits max_pfn, frame_list;                                                    \
	}

FOREIGN_STRUCTS(32) __attribute__((packed));
FOREIGN_STRUCTS(64);

_Static_assert(sizeof(struct foreign_start_info32) == 1112, "start_info of a 32-bit guest");
_Static_assert(sizeof(struct foreign_start_info64) == 1168, "start_info of a 64-bit guest");
_Static_assert(sizeof(struct foreign_context32) == 2800, "context of a 32-bit vCPU");
_Static_assert(sizeof(struct foreign_context64) == 5168, "context of a 64-bit vCPU");

#endif
