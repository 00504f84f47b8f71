/* SPDX-License-Identifier: Apache-2.0 */
/* Functions beyond the TEE Internal Core API that need no TEE. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api_extensions.h>

/* Digits with a dash after some of them */
static bool is_uuid(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i = 0;

	for (i = 0; form[i]; i++)
		if (form[i] == '-' ? s[i] != '-' : !isxdigit(s[i]))
			return false;
	return !s[i];
}

static uint64_t hex(const char *s, size_t n)
{
	char digits[17] = { };

	memcpy(digits, s, n);
	return strtoull(digits, NULL, 16);
}

TEE_Result tee_uuid_from_str(TEE_UUID *uuid, const char *s)
{
	uint64_t node = 0;

	if (!s || !is_uuid(s))
		return TEE_ERROR_BAD_FORMAT;

	uuid->timeLow = hex(s, 8);
	uuid->timeMid = hex(s + 9, 4);
	uuid->timeHiAndVersion = hex(s + 14, 4);
	node = __builtin_bswap64(hex(s + 19, 4) << 48 | hex(s + 24, 12));
	memcpy(uuid->clockSeqAndNode, &node, sizeof(node));
	return TEE_SUCCESS;
}

/* The TEE chooses the address */
void *tee_map_zi_va(vaddr_t va, size_t len, uint32_t flags)
{
	return va ? NULL : tee_map_zi(len, flags);
}
