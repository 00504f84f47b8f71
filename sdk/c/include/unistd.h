/* SPDX-License-Identifier: Apache-2.0 */
/* C library: write of POSIX, to the log of the TEE. */
#ifndef UNISTD_H
#define UNISTD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>

typedef intptr_t ssize_t;
#define __ssize_t_defined

__BEGIN_DECLS

/* fd is 1 or 2 */
ssize_t write(int fd, const void *buf, size_t count);

__END_DECLS

#endif
