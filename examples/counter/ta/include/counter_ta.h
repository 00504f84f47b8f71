/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of the counter TA need to know. */
#ifndef COUNTER_TA_H
#define COUNTER_TA_H

#define TA_COUNTER_UUID { 0xc0ffee00, 0x1d1e, 0x4b7a, \
	{ 0x9c, 0x5e, 0x6f, 0x0a, 0x71, 0x00, 0x00, 0x03 } }

#define TA_COUNTER_CMD_ADD	0	/* value inout: adds a, and returns the sum of all */

#endif
