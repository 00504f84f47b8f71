/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: structures of ELF files, for the width of this machine. */
#ifndef ELF_H
#define ELF_H

#include <elf32.h>

typedef Elf32_Addr Elf_Addr;
typedef Elf32_Off Elf_Off;
typedef Elf32_Half Elf_Half;
typedef Elf32_Word Elf_Word;
typedef Elf32_Sword Elf_Sword;
typedef Elf32_Lword Elf_Lword;
typedef Elf32_Size Elf_Size;
typedef Elf32_Ssize Elf_Ssize;
typedef Elf32_Ehdr Elf_Ehdr;
typedef Elf32_Phdr Elf_Phdr;
typedef Elf32_Shdr Elf_Shdr;
typedef Elf32_Sym Elf_Sym;
typedef Elf32_Rel Elf_Rel;
typedef Elf32_Rela Elf_Rela;
typedef Elf32_Dyn Elf_Dyn;

#endif
