/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and buffers beyond the C library. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <string_ext.h>

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (size) {
		size_t n = len < size ? len : size - 1;

		memcpy(dst, src, n);
		dst[n] = 0;
	}
	return len;
}

size_t strlcat(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(dst, size);

	return len + strlcpy(dst + len, src, size - len);
}

/*
 * The sign is that of the first difference: from the last byte to the first,
 * each one that differs takes the place of what was found so far.
 */
int consttime_memcmp(const void *p1, const void *p2, size_t nb)
{
	const volatile uint8_t *a = p1;
	const volatile uint8_t *b = p2;
	int32_t res = 0;

	while (nb--) {
		int32_t diff = a[nb] - b[nb];
		/* All ones for no difference, otherwise 0 */
		int32_t same = ~((diff | -diff) >> 31);

		res = (res & same) | diff;
	}
	return res;
}

void memzero_explicit(void *s, size_t count)
{
	memset(s, 0, count);
	/* Somebody might read it */
	__asm__ volatile ("" : : "r"(s) : "memory");
}

void *ins_array_elem(void *base, size_t elem_count, size_t elem_size,
		     size_t pos, const void *elem)
{
	uint8_t *at = (uint8_t *)base + pos * elem_size;

	assert(pos < elem_count);
	memmove(at + elem_size, at, (elem_count - pos - 1) * elem_size);
	if (elem)
		memcpy(at, elem, elem_size);
	return at;
}

void *ins_array_elem_zero_init(void *base, size_t elem_count,
			       size_t elem_size, size_t pos)
{
	void *at = ins_array_elem(base, elem_count, elem_size, pos, NULL);

	return memset(at, 0, elem_size);
}

void rem_array_elem(void *base, size_t elem_count, size_t elem_size,
		    size_t pos)
{
	uint8_t *at = (uint8_t *)base + pos * elem_size;

	assert(pos < elem_count);
	memmove(at, at + elem_size, (elem_count - pos - 1) * elem_size);
}

void rem_array_elem_zero_pad(void *base, size_t elem_count, size_t elem_size,
			     size_t pos)
{
	rem_array_elem(base, elem_count, elem_size, pos);
	memset((uint8_t *)base + (elem_count - 1) * elem_size, 0, elem_size);
}
