/* SPDX-License-Identifier: MIT */
/*
 * The raw hypercall of pv64: through the page that the hypervisor filled with its entry sequences,
 * 32 bytes for each number. Arguments in rdi, rsi, rdx, r10, r8, which the hypervisor may destroy,
 * as it does rcx and r11; the result in rax.
 */
#ifndef MINIOS_ARCH_HYPERCALL_RAW_H
#define MINIOS_ARCH_HYPERCALL_RAW_H

extern char hypercall_page[];

#define HYPERCALL_ENTRY(nr) (hypercall_page + (nr) * 32)

static inline long hypercall5(unsigned int nr, long a1, long a2, long a3, long a4, long a5)
{
	register long r10 __asm__("r10") = a4;
	register long r8 __asm__("r8") = a5;
	long ret;

	__asm__ volatile("call *%%rax"
			 : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long hypercall4(unsigned int nr, long a1, long a2, long a3, long a4)
{
	register long r10 __asm__("r10") = a4;
	long ret;

	__asm__ volatile("call *%%rax"
			 : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long hypercall3(unsigned int nr, long a1, long a2, long a3)
{
	long ret;

	__asm__ volatile("call *%%rax"
			 : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long hypercall2(unsigned int nr, long a1, long a2)
{
	long ret;

	__asm__ volatile("call *%%rax"
			 : "=a"(ret), "+D"(a1), "+S"(a2)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long hypercall1(unsigned int nr, long a1)
{
	long ret;

	__asm__ volatile("call *%%rax"
			 : "=a"(ret), "+D"(a1)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "rcx", "r11", "memory");
	return ret;
}

#endif
