/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: snprintf that also knows %pUl, a TEE_UUID. */
#ifndef PRINTK_H
#define PRINTK_H

#include <compiler.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

int snprintk(char *str, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintk(char *str, size_t size, const char *fmt, va_list ap)
		__printf(3, 0);

__END_DECLS

#endif
