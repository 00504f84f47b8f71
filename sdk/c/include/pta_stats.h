/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: the pseudo TA that counts memory, TAs and time. */
#ifndef PTA_STATS_H
#define PTA_STATS_H

#include <stdint.h>
#include <tee_api_types.h>

#define STATS_UUID \
	{ 0xd96a5b40, 0xe2c7, 0xb1af, \
	  { 0x87, 0x94, 0x10, 0x02, 0xa5, 0xd5, 0xc6, 0x1b } }

/*
 * Out value[0] free pages, all pages; value[1] faults on read-only pages, on
 * writable ones; value[2] hidden faults, zeroed pages released.
 */
#define STATS_CMD_PAGER_STATS		0

/* In value[0] ALLOC_ID_*, reset; out memref[1] struct pta_stats_alloc [] */
#define STATS_CMD_ALLOC_STATS		1

#define ALLOC_ID_ALL			0
#define ALLOC_ID_HEAP			1
#define ALLOC_ID_PUBLIC_DDR		2
#define ALLOC_ID_TA_RAM			3
#define ALLOC_ID_NEXUS_HEAP		4
#define ALLOC_ID_RPMB			5
#define STATS_NB_POOLS			5

#define TEE_ALLOCATOR_DESC_LENGTH	32

struct pta_stats_alloc {
	char desc[TEE_ALLOCATOR_DESC_LENGTH];
	uint64_t free2_sum;		/* sum of squares of the free pieces */
	uint32_t allocated;
	uint32_t max_allocated;
	uint32_t size;
	uint32_t num_alloc_fail;
	uint32_t biggest_alloc_fail;
	uint32_t biggest_alloc_fail_used; /* allocated at that moment */
};

/* To the log */
#define STATS_CMD_MEMLEAK_STATS		2

/* Out memref[0] struct pta_stats_ta [] */
#define STATS_CMD_TA_STATS		3

struct pta_stats_ta {
	TEE_UUID uuid;
	uint32_t panicked;
	uint32_t sess_num;
	struct pta_stats_alloc heap;
};

/* Out value[0] time of the REE, value[1] system time; seconds, milliseconds */
#define STATS_CMD_GET_TIME		4

/* In value[0].a STATS_DRIVER_TYPE_*; to the log */
#define STATS_CMD_PRINT_DRIVER_INFO	5

#define STATS_DRIVER_TYPE_CLOCK		0
#define STATS_DRIVER_TYPE_REGULATOR	1

#endif
