/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OP-TEE extension: the pseudo TA that measures TAs. A measurement is a SHA-256
 * hash, then a signature over SHA-256 of the nonce and that hash.
 */
#ifndef PTA_ATTESTATION_H
#define PTA_ATTESTATION_H

#define PTA_ATTESTATION_UUID \
	{ 0x39800861, 0x182a, 0x4720, \
	  { 0x9b, 0x67, 0x2b, 0xcd, 0x62, 0x2b, 0xc0, 0xb5 } }

/* Out memref[0] exponent, memref[1] modulus, value[2].a TEE_ALG_* */
#define PTA_ATTESTATION_GET_PUBKEY		0

/* In memref[0] UUID of a TA, memref[1] nonce; out memref[2] for its image */
#define PTA_ATTESTATION_GET_TA_SHDR_DIGEST	1

/* In memref[0] nonce; out memref[1] for the memory of the TA that calls */
#define PTA_ATTESTATION_HASH_TA_MEMORY		2

/* In memref[0] nonce; out memref[1] for the memory of the TEE */
#define PTA_ATTESTATION_HASH_TEE_MEMORY		3

#endif
