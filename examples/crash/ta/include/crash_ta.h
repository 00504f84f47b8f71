/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of the crash TA need to know. */
#ifndef CRASH_TA_H
#define CRASH_TA_H

#define TA_CRASH_UUID { 0xc0ffee00, 0x1d1e, 0x4b7a, \
	{ 0x9c, 0x5e, 0x6f, 0x0a, 0x71, 0x00, 0x00, 0x05 } }

#define TA_CRASH_CMD_NULL	0	/* writes to address 0 */
#define TA_CRASH_CMD_PANIC	1	/* value in: panics with code a */
#define TA_CRASH_CMD_DIVIDE	2	/* value in: divides a by b */
#define TA_CRASH_CMD_RECURSE	3	/* calls itself for ever */

#endif
