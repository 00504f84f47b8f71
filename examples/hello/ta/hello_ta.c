// SPDX-License-Identifier: Apache-2.0
/* The smallest TA: it adds two numbers, and says so. */
#include <tee_internal_api.h>
#include <hello_ta.h>
#define VALUE_INOUT	TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, \
				TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, \
				TEE_PARAM_TYPE_NONE)

TEE_Result TA_CreateEntryPoint(void)
{
	DMSG("an instance begins");
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
	DMSG("an instance ends");
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

	if (command != TA_HELLO_CMD_INC)
		return TEE_ERROR_NOT_SUPPORTED;
	if (types != VALUE_INOUT)
		return TEE_ERROR_BAD_PARAMETERS;

	IMSG("%u + %u", params[0].value.a, params[0].value.b);
	params[0].value.a += params[0].value.b;
	return TEE_SUCCESS;
}
