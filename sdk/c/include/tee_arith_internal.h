/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: the specification's marks on parameters. */
#ifndef TEE_ARITH_INTERNAL_H
#define TEE_ARITH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEE_MATHAPI_EXPORT

#define IN	const
#define OUT
#define INOUT
#define INBUF	const
#define OUTBUF

#endif
