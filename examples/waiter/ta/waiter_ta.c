// SPDX-License-Identifier: Apache-2.0
/* A TA that waits. Cancellation is masked unless a TA unmasks it. */
#include <tee_internal_api.h>
#include <waiter_ta.h>
#define VALUE_INPUT	TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, \
				TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, \
				TEE_PARAM_TYPE_NONE)

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
	(void)session;

	if (types != VALUE_INPUT)
		return TEE_ERROR_BAD_PARAMETERS;

	switch (command) {
	case TA_WAITER_CMD_WAIT:
		TEE_UnmaskCancellation();
		return TEE_Wait(params[0].value.a);
	case TA_WAITER_CMD_WAIT_MASKED:
		return TEE_Wait(params[0].value.a);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
