/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a TA says about itself, made from its user_ta_header_defines.h. The
 * loader reads it out of the data segments: it finds ta_head through an export
 * and follows the pointers, without running anything.
 */
#include <tee_ta_api.h>
#include <user_ta_header.h>
#include <user_ta_header_defines.h>

#ifndef TA_VERSION
#define TA_VERSION "Undefined version"
#endif
#ifndef TA_DESCRIPTION
#define TA_DESCRIPTION "Undefined description"
#endif

#define TA_HEAD_MAGIC	0x41544f47 /* "GOTA" */
#define TA_HEAD_VERSION	1

struct ta_head {
	uint32_t magic;
	uint32_t head_version;
	TEE_UUID uuid;
	uint32_t flags;
	uint32_t stack_size;
	uint32_t data_size;
	const char *version;
	const char *description;
	uint32_t num_properties;
	const struct user_ta_property *properties;
};

static const struct user_ta_property properties[] = {
#ifdef TA_CURRENT_TA_EXT_PROPERTIES
	TA_CURRENT_TA_EXT_PROPERTIES,
#endif
	{ 0, USER_TA_PROP_TYPE_INVALID, 0 },
};

const struct ta_head ta_head = {
	.magic = TA_HEAD_MAGIC,
	.head_version = TA_HEAD_VERSION,
	.uuid = TA_UUID,
	.flags = TA_FLAGS,
	.stack_size = TA_STACK_SIZE,
	.data_size = TA_DATA_SIZE,
	.version = TA_VERSION,
	.description = TA_DESCRIPTION,
	.num_properties = sizeof(properties) / sizeof(properties[0]) - 1,
	.properties = properties,
};
