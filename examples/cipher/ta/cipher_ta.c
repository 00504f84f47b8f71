// SPDX-License-Identifier: Apache-2.0
/* A TA that keeps a key for a session and encrypts with it. */
#include <tee_internal_api.h>
#include <cipher_ta.h>

#define TYPES(a, b, c)	TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_##a, \
				TEE_PARAM_TYPE_##b, TEE_PARAM_TYPE_##c, \
				TEE_PARAM_TYPE_NONE)
#define TAG_BITS	128

/* A session: an operation for each direction, with the same key */
struct cipher {
	TEE_OperationHandle encrypt;
	TEE_OperationHandle decrypt;
};

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
	struct cipher *c = TEE_Malloc(sizeof(*c), TEE_MALLOC_FILL_ZERO);

	(void)types;
	(void)params;
	if (!c)
		return TEE_ERROR_OUT_OF_MEMORY;
	*session = c;
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	struct cipher *c = session;

	TEE_FreeOperation(c->encrypt);
	TEE_FreeOperation(c->decrypt);
	TEE_Free(c);
}

/* Makes an operation with a key */
static TEE_Result make(TEE_OperationHandle *op, uint32_t mode,
		TEE_ObjectHandle key, uint32_t bits)
{
	TEE_Result res;

	TEE_FreeOperation(*op);
	*op = TEE_HANDLE_NULL;
	res = TEE_AllocateOperation(op, TEE_ALG_AES_GCM, mode, bits);
	if (res == TEE_SUCCESS)
		res = TEE_SetOperationKey(*op, key);
	return res;
}

static TEE_Result set_key(struct cipher *c, uint32_t types, TEE_Param params[4])
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute attr;
	uint32_t bits;
	TEE_Result res;

	if (types != TYPES(INPUT, NONE, NONE))
		return TEE_ERROR_BAD_PARAMETERS;
	bits = params[0].memref.size * 8;
	res = TEE_AllocateTransientObject(TEE_TYPE_AES, bits, &key);
	if (res != TEE_SUCCESS)
		return res;
	TEE_InitRefAttribute(&attr, TEE_ATTR_SECRET_VALUE,
			     params[0].memref.buffer, params[0].memref.size);
	res = TEE_PopulateTransientObject(key, &attr, 1);
	if (res == TEE_SUCCESS)
		res = make(&c->encrypt, TEE_MODE_ENCRYPT, key, bits);
	if (res == TEE_SUCCESS)
		res = make(&c->decrypt, TEE_MODE_DECRYPT, key, bits);
	TEE_FreeTransientObject(key);
	return res;
}

static TEE_Result encrypt(struct cipher *c, uint32_t types, TEE_Param params[4])
{
	TEE_Result res;
	size_t size;

	if (types != TYPES(INPUT, MEMREF_INOUT, MEMREF_OUTPUT))
		return TEE_ERROR_BAD_PARAMETERS;
	if (!c->encrypt)
		return TEE_ERROR_BAD_STATE;
	res = TEE_AEInit(c->encrypt, params[0].memref.buffer,
			 params[0].memref.size, TAG_BITS, 0, 0);
	if (res != TEE_SUCCESS)
		return res;
	size = params[2].memref.size;
	res = TEE_AEEncryptFinal(c->encrypt, params[1].memref.buffer,
				 params[1].memref.size, params[1].memref.buffer,
				 &params[1].memref.size,
				 params[2].memref.buffer, &size);
	params[2].memref.size = size;
	if (res != TEE_SUCCESS)
		TEE_ResetOperation(c->encrypt);
	return res;
}

static TEE_Result decrypt(struct cipher *c, uint32_t types, TEE_Param params[4])
{
	TEE_Result res;

	if (types != TYPES(INPUT, MEMREF_INOUT, MEMREF_INPUT))
		return TEE_ERROR_BAD_PARAMETERS;
	if (!c->decrypt)
		return TEE_ERROR_BAD_STATE;
	res = TEE_AEInit(c->decrypt, params[0].memref.buffer,
			 params[0].memref.size, TAG_BITS, 0, 0);
	if (res != TEE_SUCCESS)
		return res;
	return TEE_AEDecryptFinal(c->decrypt, params[1].memref.buffer,
				  params[1].memref.size,
				  params[1].memref.buffer,
				  &params[1].memref.size,
				  params[2].memref.buffer,
				  params[2].memref.size);
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command,
		uint32_t types, TEE_Param params[4])
{
	switch (command) {
	case TA_CIPHER_CMD_SET_KEY:
		return set_key(session, types, params);
	case TA_CIPHER_CMD_ENCRYPT:
		return encrypt(session, types, params);
	case TA_CIPHER_CMD_DECRYPT:
		return decrypt(session, types, params);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
