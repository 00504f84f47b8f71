/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: index where it is below size, otherwise 0, no branch. */
#ifndef CONFINE_ARRAY_INDEX_H
#define CONFINE_ARRAY_INDEX_H

#include <stddef.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

static inline size_t confine_array_index(size_t index, size_t size)
{
	size_t mask = -(size_t)(index < size);

	/* The compiler must not turn the mask into a branch again */
	__asm__("" : "+r"(mask));
	return index & mask;
}

__END_DECLS

#endif
