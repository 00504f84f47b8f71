/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OP-TEE extension: the pseudo TA that controls remote processors. In each
 * command value[0].a is in and says which; wide values have the low half first.
 */
#ifndef REMOTEPROC_PTA_H
#define REMOTEPROC_PTA_H

#include <stdint.h>
#include <sys/cdefs.h>
#include <util.h>

#define PTA_RPROC_UUID \
	{ 0x54af4a68, 0x19be, 0x40d7, \
	  { 0xbb, 0xe6, 0x89, 0x50, 0x35, 0x0a, 0x87, 0x44 } }

/* Out value[1].a formats, value[2].a protections */
#define PTA_RPROC_HW_CAPABILITIES	1

#define PTA_RPROC_HWCAP_FMT_ELF		BIT32(0)
#define PTA_RPROC_HWCAP_PROT_HASH_TABLE	BIT32(0)

/* In memref[1] image */
#define PTA_RPROC_FIRMWARE_LOAD		2

/* In memref[1] segment, value[2] its address, memref[3] its hash */
#define PTA_RPROC_LOAD_SEGMENT_SHA256	3

/* In value[1] address, value[2] size, value[3].a octet */
#define PTA_RPROC_SET_MEMORY		4

#define PTA_RPROC_FIRMWARE_START	5
#define PTA_RPROC_FIRMWARE_STOP		6

/* In value[1] device address, value[2] size; out value[3] physical address */
#define PTA_RPROC_FIRMWARE_DA_TO_PA	7

/* In memref[1] struct rproc_pta_key_info, memref[2] digest, [3] signature */
#define PTA_RPROC_VERIFY_DIGEST		8

#define PTA_REMOTEPROC_RELEASE		9

struct rproc_pta_key_info {
	uint32_t algo;		/* TEE_ALG_* */
	uint32_t info_size;
	uint8_t info[];
};

__BEGIN_DECLS

/* Size with what follows, 0 when there is none that fits */
static inline size_t rproc_pta_keyinfo_size(struct rproc_pta_key_info *keyinf)
{
	size_t size = 0;

	if (keyinf && ADD_OVERFLOW(sizeof(*keyinf), keyinf->info_size, &size))
		size = 0;
	return size;
}

__END_DECLS

#endif
