/* SPDX-License-Identifier: MIT */
/*
 * The raw hypercall of pv32: through the page that the hypervisor filled with its entry sequences,
 * 32 bytes for each number. Arguments in ebx, ecx, edx, esi, edi, which the hypervisor may destroy;
 * the result in eax.
 */
#ifndef MINIOS_ARCH_HYPERCALL_RAW_H
#define MINIOS_ARCH_HYPERCALL_RAW_H

extern char hypercall_page[];

#define HYPERCALL_ENTRY(nr) (hypercall_page + (nr) * 32)

static inline long hypercall5(unsigned int nr, long a1, long a2, long a3, long a4, long a5)
{
	long ret;

	__asm__ volatile("call *%%eax"
			 : "=a"(ret), "+b"(a1), "+c"(a2), "+d"(a3), "+S"(a4), "+D"(a5)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "memory");
	return ret;
}

static inline long hypercall4(unsigned int nr, long a1, long a2, long a3, long a4)
{
	long ret;

	__asm__ volatile("call *%%eax"
			 : "=a"(ret), "+b"(a1), "+c"(a2), "+d"(a3), "+S"(a4)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "memory");
	return ret;
}

static inline long hypercall3(unsigned int nr, long a1, long a2, long a3)
{
	long ret;

	__asm__ volatile("call *%%eax"
			 : "=a"(ret), "+b"(a1), "+c"(a2), "+d"(a3)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "memory");
	return ret;
}

static inline long hypercall2(unsigned int nr, long a1, long a2)
{
	long ret;

	__asm__ volatile("call *%%eax"
			 : "=a"(ret), "+b"(a1), "+c"(a2)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "memory");
	return ret;
}

static inline long hypercall1(unsigned int nr, long a1)
{
	long ret;

	__asm__ volatile("call *%%eax"
			 : "=a"(ret), "+b"(a1)
			 : "0"(HYPERCALL_ENTRY(nr))
			 : "memory");
	return ret;
}

#endif
