/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of the hello TA need to know. */
#ifndef HELLO_TA_H
#define HELLO_TA_H

#define TA_HELLO_UUID { 0xc0ffee00, 0x1d1e, 0x4b7a, \
	{ 0x9c, 0x5e, 0x6f, 0x0a, 0x71, 0x00, 0x00, 0x01 } }

#define TA_HELLO_CMD_INC	0	/* value inout: adds b to a */

#endif
