/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of the cipher TA need to know. */
#ifndef CIPHER_TA_H
#define CIPHER_TA_H

#define TA_CIPHER_UUID { 0xc0ffee00, 0x1d1e, 0x4b7a, \
	{ 0x9c, 0x5e, 0x6f, 0x0a, 0x71, 0x00, 0x00, 0x02 } }

#define TA_CIPHER_CMD_SET_KEY	0	/* memref in: the key, 16, 24 or 32 bytes */
#define TA_CIPHER_CMD_ENCRYPT	1	/* memref in: nonce; memref inout: data; memref out: tag */
#define TA_CIPHER_CMD_DECRYPT	2	/* memref in: nonce; memref inout: data; memref in: tag */

#endif
