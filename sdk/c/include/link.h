/* SPDX-License-Identifier: Apache-2.0 */
/* C library: the ELF files a TA is made of, which are none here. */
#ifndef LINK_H
#define LINK_H

#include <elf.h>
#include <stddef.h>
#include <sys/cdefs.h>

struct dl_phdr_info {
	Elf_Addr dlpi_addr;
	const char *dlpi_name;
	const Elf_Phdr *dlpi_phdr;
	Elf_Half dlpi_phnum;
	unsigned long long dlpi_adds;
	unsigned long long dlpi_subs;
	size_t dlpi_tls_modid;
	void *dlpi_tls_data;
};

__BEGIN_DECLS

int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *info, size_t size,
		void *data), void *data);

__END_DECLS

#endif
