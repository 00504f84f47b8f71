/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of the spin TA need to know. */
#ifndef SPIN_TA_H
#define SPIN_TA_H

#define TA_SPIN_UUID { 0xc0ffee00, 0x1d1e, 0x4b7a, \
	{ 0x9c, 0x5e, 0x6f, 0x0a, 0x71, 0x00, 0x00, 0x06 } }

#define TA_SPIN_CMD_SPIN	0	/* never ends */
#define TA_SPIN_CMD_SUM	1	/* value inout: adds the numbers below a */

#endif
