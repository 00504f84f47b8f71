/* SPDX-License-Identifier: Apache-2.0 */
/* Memory, the end, and absolute values of the C library. */
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>
#include <util.h>

void *malloc(size_t size)
{
	return TEE_Malloc(size, TEE_USER_MEM_HINT_NO_FILL_ZERO);
}

void *calloc(size_t nmemb, size_t size)
{
	size_t all = 0;

	if (MUL_OVERFLOW(nmemb, size, &all))
		return NULL;
	return TEE_Malloc(all, TEE_MALLOC_FILL_ZERO);
}

void *realloc(void *ptr, size_t size)
{
	return TEE_Realloc(ptr, size);
}

void free(void *ptr)
{
	TEE_Free(ptr);
}

/* What is freed has to be what TEE_Malloc gave, so nothing can be shifted */
void *memalign(size_t alignment, size_t size)
{
	if (alignment > _Alignof(max_align_t))
		return NULL;
	return malloc(size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

void abort(void)
{
	EMSG_RAW("abort");
	TEE_Panic(TEE_ERROR_GENERIC);
}

int abs(int i)
{
	return i < 0 ? -i : i;
}

long labs(long i)
{
	return i < 0 ? -i : i;
}

long long llabs(long long i)
{
	return i < 0 ? -i : i;
}
