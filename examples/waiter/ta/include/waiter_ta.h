/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of the waiter TA need to know. */
#ifndef WAITER_TA_H
#define WAITER_TA_H

#define TA_WAITER_UUID { 0xc0ffee00, 0x1d1e, 0x4b7a, \
	{ 0x9c, 0x5e, 0x6f, 0x0a, 0x71, 0x00, 0x00, 0x04 } }

#define TA_WAITER_CMD_WAIT	0	/* value in: waits for a milliseconds, and lets itself be cancelled */
#define TA_WAITER_CMD_WAIT_MASKED	1	/* the same, but does not */

#endif
