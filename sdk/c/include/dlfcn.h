/* SPDX-License-Identifier: Apache-2.0 */
/* C library: shared libraries, of which none can ever be opened here. */
#ifndef DLFCN_H
#define DLFCN_H

#include <sys/cdefs.h>

#define RTLD_NOW	0x2
#define RTLD_GLOBAL	0x100
#define RTLD_NODELETE	0x1000

__BEGIN_DECLS

void *dlopen(const char *filename, int flags);
void *dlsym(void *handle, const char *symbol);
int dlclose(void *handle);

__END_DECLS

#endif
