// SPDX-License-Identifier: Apache-2.0
/* A TA that computes: for ever, or for as long as it is told to. */
#include <tee_internal_api.h>
#include <spin_ta.h>

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
	volatile uint32_t n = 0;
	uint32_t i;

	(void)session;
	(void)types;

	switch (command) {
	case TA_SPIN_CMD_SPIN:
		for (;;)
			n++;
	case TA_SPIN_CMD_SUM:
		for (i = 0; i < params[0].value.a; i++)
			n += i;
		params[0].value.a = n;
		return TEE_SUCCESS;
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
