/* SPDX-License-Identifier: Apache-2.0 */
/* C library: another name of string.h. */
#ifndef MEMORY_H
#define MEMORY_H

#include <string.h>

#endif
