/* SPDX-License-Identifier: Apache-2.0 */
/* Shared libraries, of which there are none. */
#include <compiler.h>
#include <dlfcn.h>
#include <link.h>

void *dlopen(const char *filename __unused,
	     int flags __unused)
{
	return NULL;
}

void *dlsym(void *handle __unused,
	    const char *symbol __unused)
{
	return NULL;
}

int dlclose(void *handle __unused)
{
	return -1;
}

int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *info, size_t size,
				    void *data) __unused,
		    void *data __unused)
{
	return 0;
}
