/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: arithmetic, bits and overflow checks. */
#ifndef UTIL_H
#define UTIL_H

#include <assert.h>
#include <compiler.h>
#include <inttypes.h>
#include <stddef.h>
#include <sys/cdefs.h>

#define SIZE_4K		UINTPTR_C(0x1000)
#define SIZE_1M		UINTPTR_C(0x100000)
#define SIZE_2M		UINTPTR_C(0x200000)
#define SIZE_4M		UINTPTR_C(0x400000)
#define SIZE_8M		UINTPTR_C(0x800000)
#define SIZE_2G		UINTPTR_C(0x80000000)

/* Tokens */
#define TO_STR(x)	_TO_STR(x)
#define _TO_STR(x)	#x
#define CONCAT(x, y)	_CONCAT(x, y)
#define _CONCAT(x, y)	x##y

/* Arguments are evaluated once; the _UNSAFE ones are constant expressions */
#ifndef MAX
# define MAX(a, b)	_PICK(a, >, b, CONCAT(__pick, __COUNTER__), \
			      CONCAT(__pick, __COUNTER__))
# define MIN(a, b)	_PICK(a, <, b, CONCAT(__pick, __COUNTER__), \
			      CONCAT(__pick, __COUNTER__))
#endif
#define _PICK(a, op, b, va, vb) \
	(__extension__({ \
		__typeof__(a) va = (a); \
		__typeof__(b) vb = (b); \
		va op vb ? va : vb; \
	}))
#define MAX_UNSAFE(a, b)	((a) > (b) ? (a) : (b))
#define MIN_UNSAFE(a, b)	((a) < (b) ? (a) : (b))

/* 1, 0 or -1 */
#define CMP_TRILEAN(a, b) \
	(__extension__({ \
		__typeof__(a) __cmp_a = (a); \
		__typeof__(b) __cmp_b = (b); \
		(__cmp_a > __cmp_b) - (__cmp_a < __cmp_b); \
	}))

/* True when the result does not fit into *res, which is then undefined */
#define ADD_OVERFLOW(a, b, res)	__compiler_add_overflow(a, b, res)
#define SUB_OVERFLOW(a, b, res)	__compiler_sub_overflow(a, b, res)
#define MUL_OVERFLOW(a, b, res)	__compiler_mul_overflow(a, b, res)

/* Multiples of y, in the type of x; for those with a 2 y is a power of two */
#define ROUNDUP(x, y) \
	(((x) + ((__typeof__(x))(y) - 1)) / (__typeof__(x))(y) * \
	 (__typeof__(x))(y))
#define ROUNDDOWN(x, y) \
	((x) / (__typeof__(x))(y) * (__typeof__(x))(y))
#define ROUNDUP2(x, y) \
	(((x) + ((__typeof__(x))(y) - 1)) & ~((__typeof__(x))(y) - 1))
#define ROUNDDOWN2(x, y) \
	((x) & ~((__typeof__(x))(y) - 1))
#define ROUNDUP_OVERFLOW(x, y, res) \
	(__extension__({ \
		__typeof__(x) __round_x = (x); \
		__typeof__(x) __round_y = (__typeof__(x))(y); \
		__typeof__(x) __round_rest = __round_x % __round_y; \
		if (__round_rest) \
			__round_rest = __round_y - __round_rest; \
		ADD_OVERFLOW(__round_x, __round_rest, res); \
	}))
#define ROUNDUP2_OVERFLOW(x, y, res)	ROUNDUP_OVERFLOW(x, y, res)

/* Quotients */
#define DIV_ROUND_UP(x, y)	(((x) + (y) - 1) / (y))
#define ROUNDUP_DIV(x, y)	(ROUNDUP(x, y) / (__typeof__(x))(y))
#define ROUNDUP2_DIV(x, y) \
	(__extension__({ \
		__typeof__(x) __div_x = (x); \
		__typeof__(x) __div_y = (__typeof__(x))(y); \
		__div_x / __div_y + !!(__div_x % __div_y); \
	}))
#define UDIV_ROUND_NEAREST(x, y) \
	(__extension__({ \
		__typeof__(x) __near_x = (x); \
		__typeof__(y) __near_y = (y); \
		(__near_x + __near_y / 2) / __near_y; \
	}))

#define IS_POWER_OF_TWO(x)	((x) != 0 && ((x) & ((x) - 1)) == 0)
#define IS_ALIGNED(x, a)	(((x) & ((a) - 1)) == 0)
#define IS_ALIGNED_WITH_TYPE(x, type) \
	IS_ALIGNED((uintptr_t)(x), __alignof__(type))

/* Objects */
#ifndef ARRAY_SIZE
# define ARRAY_SIZE(x)		(sizeof(x) / sizeof((x)[0]))
#endif
#define MEMBER_SIZE(type, member)	sizeof(((type *)0)->member)
#define container_of(ptr, type, member) \
	(__extension__({ \
		const __typeof__(((type *)0)->member) *__member = (ptr); \
		(type *)((uintptr_t)__member - offsetof(type, member)); \
	}))

/* Bits; a mask has those from l to h set */
#define BIT(nr)			BIT32(nr)
#define BIT32(nr)		(UINT32_C(1) << (nr))
#define BIT64(nr)		(UINT64_C(1) << (nr))
#define SHIFT_U32(v, shift)	((uint32_t)(v) << (shift))
#define SHIFT_U64(v, shift)	((uint64_t)(v) << (shift))
#define GENMASK_32(h, l)	((UINT32_C(2) << (h)) - (UINT32_C(1) << (l)))
#define GENMASK_64(h, l)	((UINT64_C(2) << (h)) - (UINT64_C(1) << (l)))

__BEGIN_DECLS

static inline uint64_t reg_pair_to_64(uint32_t high, uint32_t low)
{
	return SHIFT_U64(high, 32) | low;
}

static inline uint32_t high32_from_64(uint64_t val)
{
	return (uint32_t)(val >> 32);
}

static inline uint32_t low32_from_64(uint64_t val)
{
	return (uint32_t)val;
}

static inline void reg_pair_from_64(uint64_t val, uint32_t *high, uint32_t *low)
{
	*high = high32_from_64(val);
	*low = low32_from_64(val);
}

/* The bits of a mask that is not 0, as a number */
static inline uint32_t get_field_u32(uint32_t reg, uint32_t mask)
{
	return (reg & mask) >> __builtin_ctz(mask);
}

static inline uint64_t get_field_u64(uint64_t reg, uint64_t mask)
{
	return (reg & mask) >> __builtin_ctzll(mask);
}

static inline uint32_t set_field_u32(uint32_t reg, uint32_t mask, uint32_t val)
{
	return (reg & ~mask) | ((val << __builtin_ctz(mask)) & mask);
}

static inline uint64_t set_field_u64(uint64_t reg, uint64_t mask, uint64_t val)
{
	return (reg & ~mask) | ((val << __builtin_ctzll(mask)) & mask);
}

/* Sort n numbers, the smallest first */
void qsort_int(int *aa, size_t n);
void qsort_uint(unsigned int *aa, size_t n);
void qsort_long(long int *aa, size_t n);
void qsort_ul(unsigned long int *aa, size_t n);
void qsort_ll(long long int *aa, size_t n);
void qsort_ull(unsigned long long int *aa, size_t n);
void qsort_s8(int8_t *aa, size_t n);
void qsort_u8(uint8_t *aa, size_t n);
void qsort_s16(int16_t *aa, size_t n);
void qsort_u16(uint16_t *aa, size_t n);
void qsort_s32(int32_t *aa, size_t n);
void qsort_u32(uint32_t *aa, size_t n);
void qsort_s64(int64_t *aa, size_t n);
void qsort_u64(uint64_t *aa, size_t n);

__END_DECLS

#endif
