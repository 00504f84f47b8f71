/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: what a TA says about itself, flags and properties. */
#ifndef USER_TA_HEADER_H
#define USER_TA_HEADER_H

#include <sys/cdefs.h>
#include <tee_api_types.h>
#include <util.h>

/* Flags without a meaning any more */
#define TA_FLAG_USER_MODE			0
#define TA_FLAG_EXEC_DDR			0
#define TA_FLAG_REMAP_SUPPORT			0

#define TA_FLAG_SINGLE_INSTANCE			BIT32(2)
#define TA_FLAG_MULTI_SESSION			BIT32(3)
#define TA_FLAG_INSTANCE_KEEP_ALIVE		BIT32(4)
#define TA_FLAG_SECURE_DATA_PATH		BIT32(5)
#define TA_FLAG_CACHE_MAINTENANCE		BIT32(7)
#define TA_FLAG_CONCURRENT			BIT32(8)
#define TA_FLAG_DEVICE_ENUM			BIT32(9)
#define TA_FLAG_DEVICE_ENUM_SUPP		BIT32(10)
#define TA_FLAG_DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT	BIT32(11)
#define TA_FLAG_DEVICE_ENUM_TEE_STORAGE_PRIVATE	BIT32(12)
#define TA_FLAG_INSTANCE_KEEP_CRASHED		BIT32(13)

#define TA_FLAGS_MASK				GENMASK_32(13, 0)

/* Names of properties; those of gpd. are from the Core API, section 4.5 */
#define TA_PROP_STR_SINGLE_INSTANCE	"gpd.ta.singleInstance"
#define TA_PROP_STR_MULTI_SESSION	"gpd.ta.multiSession"
#define TA_PROP_STR_KEEP_ALIVE		"gpd.ta.instanceKeepAlive"
#define TA_PROP_STR_KEEP_CRASHED	"optee.ta.instanceKeepCrashed"
#define TA_PROP_STR_DATA_SIZE		"gpd.ta.dataSize"
#define TA_PROP_STR_STACK_SIZE		"gpd.ta.stackSize"
#define TA_PROP_STR_VERSION		"gpd.ta.version"
#define TA_PROP_STR_DESCRIPTION		"gpd.ta.description"
#define TA_PROP_STR_ENDIAN		"gpd.ta.endian"
#define TA_PROP_STR_DOES_NOT_CLOSE_HANDLE_ON_CORRUPT_OBJECT \
	"gpd.ta.doesNotCloseHandleOnCorruptObject"

/* What the value of a property points at */
enum user_ta_prop_type {
	USER_TA_PROP_TYPE_BOOL,		/* bool */
	USER_TA_PROP_TYPE_U32,		/* uint32_t */
	USER_TA_PROP_TYPE_UUID,		/* TEE_UUID */
	USER_TA_PROP_TYPE_IDENTITY,	/* TEE_Identity */
	USER_TA_PROP_TYPE_STRING,	/* char, ends with a zero */
	USER_TA_PROP_TYPE_BINARY_BLOCK,	/* char, base64, ends with a zero */
	USER_TA_PROP_TYPE_U64,		/* uint64_t */
	USER_TA_PROP_TYPE_INVALID,
};

struct user_ta_property {
	const char *name;
	enum user_ta_prop_type type;
	const void *value;
};

__BEGIN_DECLS

extern const struct user_ta_property ta_props[];
extern const size_t ta_num_props;

__END_DECLS

#endif
