/* SPDX-License-Identifier: Apache-2.0 */
/* C library: ssize_t and the types of types_ext.h. */
#ifndef SYS_TYPES_H
#define SYS_TYPES_H

#include <types_ext.h>

#endif
