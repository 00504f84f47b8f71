/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: short names of attributes and of built-in functions. */
#ifndef COMPILER_H
#define COMPILER_H

/* Functions */
#define __noreturn		__attribute__((__noreturn__))
#define __noinline		__attribute__((noinline))
#define __pure			__attribute__((pure))
#define __attr_const		__attribute__((__const__))
#define __cold			__attribute__((__cold__))
#define __must_check		__attribute__((warn_unused_result))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define __noprof		__attribute__((no_instrument_function))
#define __nostackcheck		__attribute__((no_instrument_function))
#define __no_asan		__attribute__((no_sanitize_address))
#define __no_stack_protector	__attribute__((no_stack_protector))
#define __no_stackprot
#define __inhibit_loop_to_libcall

/* Anything */
#define __deprecated		__attribute__((deprecated))
#define __weak			__attribute__((weak))
#define __alias(x)		__attribute__((alias(x)))
#define __used			__attribute__((__used__))
#define __unused		__attribute__((unused))
#define __maybe_unused		__attribute__((unused))
#define __packed		__attribute__((packed))
#define __aligned(x)		__attribute__((aligned(x)))

/* Places; nothing is ever paged out */
#define __section(x)		__attribute__((section(x)))
#define __data			__section(".data")
#define __bss			__section(".bss")
#define __rodata		__section(".rodata")
#define __rodata_dummy		__section(".rodata.dummy")
#define __rodata_unpaged(x)	__section(".rodata.__unpaged." x)
#define __relrodata_unpaged(x)	__rodata_unpaged(x)
#define __nex_bss
#define __nex_data

/* Statements; C++ has an attribute of this name */
#ifndef __cplusplus
# define fallthrough		__attribute__((__fallthrough__))
#endif
#define barrier()		__asm__ volatile ("" : : : "memory")

/* Expressions */
#define __compiler_bswap16(x)	__builtin_bswap16(x)
#define __compiler_bswap32(x)	__builtin_bswap32(x)
#define __compiler_bswap64(x)	__builtin_bswap64(x)

#define __HAVE_BUILTIN_OVERFLOW	1
#define __compiler_add_overflow(a, b, res)	__builtin_add_overflow(a, b, res)
#define __compiler_sub_overflow(a, b, res)	__builtin_sub_overflow(a, b, res)
#define __compiler_mul_overflow(a, b, res)	__builtin_mul_overflow(a, b, res)

#define __compiler_atomic_load(p) \
	__atomic_load_n(p, __ATOMIC_RELAXED)
#define __compiler_atomic_store(p, val) \
	__atomic_store_n(p, val, __ATOMIC_RELAXED)
#define __compiler_compare_and_swap(p, oval, nval) \
	__atomic_compare_exchange_n(p, oval, nval, 1, \
				    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)

#define __HAVE_SINGLE_ARGUMENT_STATIC_ASSERT	1

#endif
