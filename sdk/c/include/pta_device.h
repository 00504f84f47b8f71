/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: the pseudo TA that lists TAs with TA_FLAG_DEVICE_ENUM*. */
#ifndef PTA_DEVICE_H
#define PTA_DEVICE_H

#define PTA_DEVICE_UUID \
	{ 0x7011a688, 0xddde, 0x4053, \
	  { 0xa5, 0xa9, 0x7b, 0x3c, 0x4d, 0xdf, 0x13, 0xb8 } }

/* Each: out memref[0] UUIDs, 16 octets each; one command per stage of a boot */
#define PTA_CMD_GET_DEVICES		0	/* at once */
#define PTA_CMD_GET_DEVICES_SUPP	1	/* with tee-supplicant */
#define PTA_CMD_GET_DEVICES_RPMB	2	/* with an RPMB */

#endif
