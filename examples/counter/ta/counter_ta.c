// SPDX-License-Identifier: Apache-2.0
/* A TA with one instance for all its clients, which keeps its state. */
#include <tee_internal_api.h>
#include <counter_ta.h>
#define VALUE_INOUT	TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, \
				TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, \
				TEE_PARAM_TYPE_NONE)

static uint32_t sum;

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

	if (command != TA_COUNTER_CMD_ADD)
		return TEE_ERROR_NOT_SUPPORTED;
	if (types != VALUE_INOUT)
		return TEE_ERROR_BAD_PARAMETERS;

	sum += params[0].value.a;
	params[0].value.a = sum;
	return TEE_SUCCESS;
}
