/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the log that are made of others. */
#include <printk.h>
#include <stdint.h>
#include <stdio.h>
#include <trace.h>
#include <types_ext.h>

void trace_vprintf(const char *func, int line, int level, bool level_ok,
		   const char *fmt, va_list ap)
{
	char text[MAX_PRINT_SIZE] = { };

	vsnprintk(text, sizeof(text), fmt, ap);
	trace_printf(func, line, level, level_ok, "%s", text);
}

#define OCTETS_A_LINE	16

/* Three characters an octet, and one more in the middle */
static void hex_line(char *text, const uint8_t *octets, int n)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < n; i++) {
		if (i == OCTETS_A_LINE / 2)
			*text++ = ' ';
		*text++ = digits[octets[i] >> 4];
		*text++ = digits[octets[i] & 0xf];
		*text++ = ' ';
	}
	*text = 0;
}

void dhex_dump(const char *func, int line, int level, const void *buf, int len)
{
	const uint8_t *octets = buf;
	char text[3 * OCTETS_A_LINE + 2];

	for (; len > 0; octets += OCTETS_A_LINE, len -= OCTETS_A_LINE) {
		hex_line(text, octets,
			 len < OCTETS_A_LINE ? len : OCTETS_A_LINE);
		trace_printf(func, line, level, true, "%0*" PRIxVA "  %s",
			     PRIxVA_WIDTH, (vaddr_t)octets, text);
	}
}
