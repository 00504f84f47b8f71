/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: another name of tee_internal_api.h. */
#ifndef TEE_API_H
#define TEE_API_H

#include <tee_internal_api.h>

#endif
