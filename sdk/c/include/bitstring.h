/* SPDX-License-Identifier: Apache-2.0 */
/* C library: strings of bits, with the names of bitstring(3) of BSD. */
#ifndef BITSTRING_H
#define BITSTRING_H

#include <stddef.h>
#include <stdlib.h>
#include <sys/cdefs.h>

typedef unsigned char bitstr_t;

/* Octets for n bits, on the heap or as a variable */
#define bitstr_size(n)		(((n) + 7) / 8)
#define bit_alloc(n)		((bitstr_t *)calloc(bitstr_size(n), 1))
#define bit_decl(name, n)	((name)[bitstr_size(n)])

/* One bit */
#define bit_test(name, bit)	((name)[(bit) / 8] & (1 << (bit) % 8))
#define bit_set(name, bit)	((name)[(bit) / 8] |= 1 << (bit) % 8)
#define bit_clear(name, bit)	((name)[(bit) / 8] &= ~(1 << (bit) % 8))

/* The bits from start to stop, both included */
#define bit_nset(name, start, stop)	__bit_fill(name, start, stop, 1)
#define bit_nclear(name, start, stop)	__bit_fill(name, start, stop, 0)

/* *value is the number of the first bit that is clear or set, -1 if none is */
#define bit_ffc(name, n, value) \
	((void)(*(value) = __bit_find(name, 0, n, 0)))
#define bit_ffs(name, n, value) \
	((void)(*(value) = __bit_find(name, 0, n, 1)))
#define bit_ffs_from(name, n, start, value) \
	((void)(*(value) = __bit_find(name, start, n, 1)))

__BEGIN_DECLS

static inline void __bit_fill(bitstr_t *s, int start, int stop, int on)
{
	for (int bit = start; bit <= stop; bit++) {
		if (on)
			bit_set(s, bit);
		else
			bit_clear(s, bit);
	}
}

static inline int __bit_find(const bitstr_t *s, int start, int n, int on)
{
	for (int bit = start; bit < n; bit++)
		if (!bit_test(s, bit) == !on)
			return bit;
	return -1;
}

__END_DECLS

#endif
