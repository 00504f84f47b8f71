/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions that fail. */
#include <assert.h>
#include <tee_internal_api.h>

void _assert_log(const char *expr, const char *file, const int line,
		 const char *func)
{
	EMSG_RAW("%s:%d: %s: assertion \"%s\" failed", file, line, func, expr);
}

void _assert_break(void)
{
	TEE_Panic(TEE_ERROR_GENERIC);
}

void _runtime_assert_trap(const char *expr, const char *file, const int line,
			  const char *func)
{
	_assert_log(expr, file, line, func);
	_assert_break();
}
