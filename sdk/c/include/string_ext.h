/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: strings and buffers beyond the C library. */
#ifndef STRING_EXT_H
#define STRING_EXT_H

#include <stddef.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

/* Copy or append what fits; the length the whole would have had */
size_t strlcpy(char *dst, const char *src, size_t size);
size_t strlcat(char *dst, const char *src, size_t size);

/* memcmp in a time that does not depend on the bytes */
int consttime_memcmp(const void *p1, const void *p2, size_t nb);

/* The older name */
static inline int buf_compare_ct(const void *s1, const void *s2, size_t n)
{
	return consttime_memcmp(s1, s2, n);
}

/* memset to zero that is never optimised away */
void memzero_explicit(void *s, size_t count);

/*
 * Open a gap at pos, or close it, in an array of elem_count elements. The last
 * element falls out of the array, or is left as it was. elem may be NULL.
 */
void *ins_array_elem(void *base, size_t elem_count, size_t elem_size,
		size_t pos, const void *elem);
void *ins_array_elem_zero_init(void *base, size_t elem_count,
		size_t elem_size, size_t pos);
void rem_array_elem(void *base, size_t elem_count, size_t elem_size,
		size_t pos);
void rem_array_elem_zero_pad(void *base, size_t elem_count,
		size_t elem_size, size_t pos);

__END_DECLS

#endif
