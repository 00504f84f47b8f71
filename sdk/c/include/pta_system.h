/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: the pseudo TA with services for the TA that calls it. */
#ifndef PTA_SYSTEM_H
#define PTA_SYSTEM_H

#include <util.h>

#define PTA_SYSTEM_UUID \
	{ 0x3a2f8978, 0x5dc0, 0x11e8, \
	  { 0x9c, 0x2d, 0xfa, 0x7a, 0xe0, 0x1b, 0xbe, 0xbc } }

/* In memref[0] entropy for the random number generator */
#define PTA_SYSTEM_ADD_RNG_ENTROPY	0

/* In memref[0] extra data; out memref[1] key of this TA on this device */
#define PTA_SYSTEM_DERIVE_TA_UNIQUE_KEY	1

#define TA_DERIVED_KEY_MIN_SIZE		16
#define TA_DERIVED_KEY_MAX_SIZE		32
#define TA_DERIVED_EXTRA_DATA_MAX_SIZE	1024

/* Flags of the mappings below; an address is a value, upper half first */
#define PTA_SYSTEM_MAP_FLAG_SHAREABLE	BIT32(0)
#define PTA_SYSTEM_MAP_FLAG_WRITEABLE	BIT32(1)
#define PTA_SYSTEM_MAP_FLAG_EXECUTABLE	BIT32(2)

/* In value[0] size, flags; out value[1] address; in value[2] padding */
#define PTA_SYSTEM_MAP_ZI		2

/* In value[0] size, 0; value[1] address */
#define PTA_SYSTEM_UNMAP		3

/* In memref[0] UUID of a TA; out value[1].a handle of its image */
#define PTA_SYSTEM_OPEN_TA_BINARY	4

/* In value[1] handle, 0 */
#define PTA_SYSTEM_CLOSE_TA_BINARY	5

/*
 * In value[0] handle, flags; value[1] offset, size; in and out value[2]
 * address; in value[3] padding
 */
#define PTA_SYSTEM_MAP_TA_BINARY	6

/* In value[0] handle, offset; out memref[1] bytes of the image */
#define PTA_SYSTEM_COPY_FROM_TA_BINARY	7

/* In value[0] size, flags; value[1] address */
#define PTA_SYSTEM_SET_PROT		8

/*
 * In value[0] size, 0; value[1] old address; in and out value[2] new one; in
 * value[3] padding
 */
#define PTA_SYSTEM_REMAP		9

/* In memref[0] UUID of a library; value[1].a RTLD_*, see dlfcn.h */
#define PTA_SYSTEM_DLOPEN		10

/* In memref[0] UUID of a library; memref[1] name; out value[2] address */
#define PTA_SYSTEM_DLSYM		11

/* Out memref[0] event log of the TPM */
#define PTA_SYSTEM_GET_TPM_EVENT_LOG	12

/*
 * In memref[0] UUID of a plugin of tee-supplicant; value[1] command, its
 * sub-command; in and out memref[2] data; out value[3].a their size
 */
#define PTA_SYSTEM_SUPP_PLUGIN_INVOKE	13

#endif
