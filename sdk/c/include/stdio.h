/* SPDX-License-Identifier: Apache-2.0 */
/* C library: formatted text. Output goes to the log of the TEE. */
#ifndef STDIO_H
#define STDIO_H

#include <compiler.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

typedef struct _FILE FILE;

extern FILE *stdout;
extern FILE *stderr;

int printf(const char *fmt, ...) __printf(1, 2);
int vprintf(const char *fmt, va_list ap) __printf(1, 0);
int puts(const char *str);
int putchar(int c);

int fputc(int c, FILE *stream);
int fputs(const char *s, FILE *stream);
size_t fwrite(const void *ptr, size_t size, size_t nmemb, FILE *stream);

int snprintf(char *str, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *str, size_t size, const char *fmt, va_list ap)
		__printf(3, 0);

/* Knows no bounds: use snprintf */
int sprintf(char *str, const char *fmt, ...) __printf(2, 3) __deprecated;

__END_DECLS

#endif
