/* SPDX-License-Identifier: Apache-2.0 */
/* C library: errors of the functions that return numbers. */
#ifndef ERRNO_H
#define ERRNO_H

#include <sys/cdefs.h>

#define EDOM	33
#define ERANGE	34
#define EILSEQ	84
#define EINVAL	22
#define ENOMEM	12

__BEGIN_DECLS

extern int errno;

__END_DECLS

/* The standard wants a macro */
#define errno	errno

#endif
