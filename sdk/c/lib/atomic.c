/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic counters. */
#include <atomic.h>

uint32_t atomic_inc32(volatile uint32_t *v)
{
	return __atomic_add_fetch(v, 1, __ATOMIC_ACQ_REL);
}

uint32_t atomic_dec32(volatile uint32_t *v)
{
	return __atomic_sub_fetch(v, 1, __ATOMIC_ACQ_REL);
}
