/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorting and searching. The sort is a heapsort: in place, without recursion,
 * and never slow, whoever chose the input.
 */
#include <stdint.h>
#include <stdlib.h>
#include <util.h>

typedef int (*compare)(const void *, const void *);

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	for (; size; a++, b++, size--) {
		uint8_t kept = *a;

		*a = *b;
		*b = kept;
	}
}

/* Lets the element at parent sink until none below it is larger */
static void sink(uint8_t *base, size_t parent, size_t n, size_t size,
		 compare cmp)
{
	while (parent < n / 2) {
		size_t child = 2 * parent + 1;

		if (child + 1 < n && cmp(base + child * size,
					 base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + parent * size, base + child * size) >= 0)
			return;
		swap(base + parent * size, base + child * size, size);
		parent = child;
	}
}

void qsort(void *base, size_t n, size_t size, compare cmp)
{
	size_t i = 0;

	for (i = n / 2; i > 0; i--)
		sink(base, i - 1, n, size, cmp);
	for (i = n; i > 1; i--) {
		swap(base, (uint8_t *)base + (i - 1) * size, size);
		sink(base, 0, i - 1, size, cmp);
	}
}

void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      compare cmp)
{
	const uint8_t *low = base;

	while (n) {
		const uint8_t *middle = low + n / 2 * size;
		int c = cmp(key, middle);

		if (!c)
			return (void *)middle;
		if (c > 0) {
			low = middle + size;
			n--;
		}
		n /= 2;
	}
	return NULL;
}

#define SORT(name, type) \
	static int compare_##name(const void *a, const void *b) \
	{ \
		return CMP_TRILEAN(*(const type *)a, *(const type *)b); \
	} \
	void qsort_##name(type *aa, size_t n) \
	{ \
		qsort(aa, n, sizeof(*aa), compare_##name); \
	}

SORT(int, int)
SORT(uint, unsigned int)
SORT(long, long int)
SORT(ul, unsigned long int)
SORT(ll, long long int)
SORT(ull, unsigned long long int)
SORT(s8, int8_t)
SORT(u8, uint8_t)
SORT(s16, int16_t)
SORT(u16, uint16_t)
SORT(s32, int32_t)
SORT(u32, uint32_t)
SORT(s64, int64_t)
SORT(u64, uint64_t)
