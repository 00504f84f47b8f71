/* SPDX-License-Identifier: Apache-2.0 */
/* C library: jumps back out of functions, made by the TEE. */
#ifndef SETJMP_H
#define SETJMP_H

#include <compiler.h>
#include <sys/cdefs.h>

/* 64 bytes, of which the TEE decides */
typedef unsigned long long jmp_buf[8];

__BEGIN_DECLS

int setjmp(jmp_buf env) __attribute__((__returns_twice__));
void longjmp(jmp_buf env, int val) __noreturn;

__END_DECLS

#endif
