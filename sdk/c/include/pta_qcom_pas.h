/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OP-TEE extension: the pseudo TA that authenticates firmware on Qualcomm SoCs.
 * In each command value[0].a is in and says for which processor.
 */
#ifndef PTA_QCOM_PAS_H
#define PTA_QCOM_PAS_H

#include <stdint.h>
#include <util.h>

#define PTA_QCOM_PAS_UUID \
	{ 0xdaedbae4, 0xcf3e, 0x4b76, \
	  { 0xa5, 0xc5, 0xdb, 0xf8, 0xb6, 0xfd, 0x5a, 0xf4 } }

#define PTA_QCOM_PAS_IS_SUPPORTED	1

/* Out value[1].a flags */
#define PTA_QCOM_PAS_CAPABILITIES	2

/* In memref[1] metadata */
#define PTA_QCOM_PAS_INIT_IMAGE		3

/* In value[0].b size, value[1] address, low half first */
#define PTA_QCOM_PAS_MEM_SETUP		4

/* In and out memref[1] table */
#define PTA_QCOM_PAS_GET_RESOURCE_TABLE	5

/* As MEM_SETUP, and in memref[2] memory to lend, or none */
#define PTA_QCOM_PAS_AUTH_AND_RESET	6

/* In value[0].b state */
#define PTA_QCOM_PAS_SET_REMOTE_STATE	7

#define PTA_QCOM_PAS_SHUTDOWN		8

/* As MEM_SETUP, and in memref[2] metadata and hashes, value[3] their sizes */
#define PTA_QCOM_PAS_VERIFY_IMAGE	9

#endif
