/* SPDX-License-Identifier: Apache-2.0 */
/* What the cipher TA says about itself. */
#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include <cipher_ta.h>

#define TA_UUID		TA_CIPHER_UUID
#define TA_FLAGS	0
#define TA_STACK_SIZE	(4 * 1024)
#define TA_DATA_SIZE	(32 * 1024)
#define TA_VERSION	"1.0"
#define TA_DESCRIPTION	"Example of a TA that encrypts with AES-GCM"

#endif
