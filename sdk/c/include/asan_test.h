/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: tests of its address sanitizer, which is not offered. */
#ifndef ASAN_TEST_H
#define ASAN_TEST_H

#include <compiler.h>
#include <stddef.h>

#endif
