/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: functions beyond the TEE Internal Core API. */
#ifndef TEE_INTERNAL_API_EXTENSIONS_H
#define TEE_INTERNAL_API_EXTENSIONS_H

#include <stdio.h>
#include <sys/cdefs.h>
#include <tee_api_defines_extensions.h>
#include <tee_api_types.h>
#include <trace.h>
#include <types_ext.h>

/* Hint of TEE_Malloc: memory need not be zeroed */
#define TEE_USER_MEM_HINT_NO_FILL_ZERO	0x80000000

__BEGIN_DECLS

/* For TAs with TA_FLAG_CACHE_MAINTENANCE */
TEE_Result TEE_CacheClean(char *buf, size_t len);
TEE_Result TEE_CacheFlush(char *buf, size_t len);
TEE_Result TEE_CacheInvalidate(char *buf, size_t len);

/*
 * Zeroed memory from outside the heap, NULL when there is none. flags is 0 or
 * TEE_MEMORY_ACCESS_ANY_OWNER. tee_unmap takes exactly what was mapped. The
 * address of tee_map_zi_va is a demand: unless it is 0 there is no memory.
 */
void *tee_map_zi(size_t len, uint32_t flags);
void *tee_map_zi_va(vaddr_t va, size_t len, uint32_t flags);
TEE_Result tee_unmap(void *buf, size_t len);

/* 36 characters, hexadecimal digits in groups of 8-4-4-4-12 */
TEE_Result tee_uuid_from_str(TEE_UUID *uuid, const char *s);

/* Sends buf to a plugin of tee-supplicant, which answers in the same place */
TEE_Result tee_invoke_supp_plugin(const TEE_UUID *uuid, uint32_t cmd,
		uint32_t sub_cmd, void *buf, size_t len, size_t *outlen);

__END_DECLS

#endif
