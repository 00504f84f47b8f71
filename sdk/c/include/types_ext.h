/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: integers that hold addresses, and how to print them. */
#ifndef TYPES_EXT_H
#define TYPES_EXT_H

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

typedef uintptr_t uaddr_t;
typedef uintptr_t vaddr_t;
typedef uintptr_t paddr_t;
typedef uintptr_t paddr_size_t;

#define PADDR_MAX		UINTPTR_MAX
#define PADDR_SIZE_MAX		UINTPTR_MAX
#define __SIZEOF_PADDR__	__SIZEOF_POINTER__

#define PRIxUA			PRIxPTR
#define PRIxVA			PRIxPTR
#define PRIxPA			PRIxPTR
#define PRIxPASZ		PRIxPTR

#define PRIxVA_WIDTH		((int)(2 * sizeof(vaddr_t)))
#define PRIxPA_WIDTH		((int)(2 * sizeof(paddr_t)))

#endif
