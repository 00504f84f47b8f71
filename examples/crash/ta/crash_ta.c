// SPDX-License-Identifier: Apache-2.0
/* A TA that does what a TA must not do, to see what happens. */
#include <tee_internal_api.h>
#include <crash_ta.h>

static uint32_t depth;

static void write_to_null(void)
{
	volatile uint32_t *p = NULL;

	*p = 1;
}

static uint32_t __attribute__((noinline)) recurse(volatile uint32_t *caller)
{
	volatile uint32_t frame[16];

	depth = frame[0] = *caller + 1;
	if (depth == UINT32_MAX)
		return 0;
	return recurse(frame) + frame[0];
}

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4],
		void **session)
{
	(void)types;
	(void)params;
	(void)session;
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	(void)session;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command,
		uint32_t types, TEE_Param params[4])
{
	uint32_t zero = 0;

	(void)session;
	(void)types;

	switch (command) {
	case TA_CRASH_CMD_NULL:
		write_to_null();
		break;
	case TA_CRASH_CMD_PANIC:
		TEE_Panic(params[0].value.a);
		break;
	case TA_CRASH_CMD_DIVIDE:
		params[0].value.a /= params[0].value.b;
		break;
	case TA_CRASH_CMD_RECURSE:
		return recurse(&zero);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
	return TEE_SUCCESS;
}
