/* SPDX-License-Identifier: GPL-2.0-only */
/* The words every file uses: integer types, page arithmetic, small macros. No hardware. */
#ifndef HV_LIB_TYPES_H
#define HV_LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

typedef u64 paddr_t;		/* a machine (physical) address, in bytes */
typedef u64 mfn_t;		/* a machine frame number: paddr_t >> PAGE_SHIFT */
typedef u64 gva_t;		/* a guest's linear address, never to be dereferenced directly */
typedef u64 ns_t;		/* system time: nanoseconds since boot */

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1ul << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define INVALID_MFN	(~(mfn_t)0)

#define KiB(n)		((u64)(n) << 10)
#define MiB(n)		((u64)(n) << 20)
#define GiB(n)		((u64)(n) << 30)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define MAX(a, b)	({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define ROUND_UP(n, to)	(((n) + (to) - 1) / (to) * (to))
#define DIV_UP(n, by)	(((n) + (by) - 1) / (by))
#define PFN_UP(addr)	(((addr) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(addr)	((addr) >> PAGE_SHIFT)
#define BIT(n)		(1ul << (n))

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define __aligned(n)	__attribute__((aligned(n)))
#define __packed	__attribute__((packed))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define __noreturn	__attribute__((noreturn))
#define __must_check	__attribute__((warn_unused_result))
#define __used		__attribute__((used))
#define __cold		__attribute__((cold))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/* One read, one write, that the compiler neither repeats nor splits. */
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

#endif
