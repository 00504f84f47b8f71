/* SPDX-License-Identifier: Apache-2.0 */
/* C library: the heap, which is that of TEE_Malloc. */
#ifndef MALLOC_H
#define MALLOC_H

#include <pta_stats.h>
#include <stddef.h>
#include <sys/cdefs.h>
#include <types_ext.h>

__BEGIN_DECLS

void *malloc(size_t size);
void *calloc(size_t nmemb, size_t size);
void *realloc(void *ptr, size_t size);
void free(void *ptr);

/* NULL also for an alignment above that of max_align_t */
void *memalign(size_t alignment, size_t size);
void *aligned_alloc(size_t alignment, size_t size);

__END_DECLS

#endif
