/* SPDX-License-Identifier: Apache-2.0 */
/* C library: memory, numbers, sorting. abort panics the TA. */
#ifndef STDLIB_H
#define STDLIB_H

#include <compiler.h>
#include <malloc.h>
#include <stddef.h>
#include <sys/cdefs.h>

#define EXIT_SUCCESS	0
#define EXIT_FAILURE	1

__BEGIN_DECLS

void abort(void) __noreturn;

int abs(int i);
long labs(long i);
long long llabs(long long i);

int atoi(const char *s);
long atol(const char *s);
long long atoll(const char *s);
long strtol(const char *s, char **end, int base);
long long strtoll(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
unsigned long long strtoull(const char *s, char **end, int base);

void qsort(void *base, size_t n, size_t size,
		int (*cmp)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t n, size_t size,
		int (*cmp)(const void *, const void *));

__END_DECLS

#endif
