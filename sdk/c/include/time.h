/* SPDX-License-Identifier: Apache-2.0 */
/* C library: the type of a time. For the time itself see TEE_Time. */
#ifndef TIME_H
#define TIME_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t time_t;

#endif
