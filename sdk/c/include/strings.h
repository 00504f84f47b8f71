/* SPDX-License-Identifier: Apache-2.0 */
/* C library: comparisons of POSIX. */
#ifndef STRINGS_H
#define STRINGS_H

#include <stddef.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

int bcmp(const void *s1, const void *s2, size_t n);
int strcasecmp(const char *s1, const char *s2);
int strncasecmp(const char *s1, const char *s2, size_t n);

__END_DECLS

#endif
