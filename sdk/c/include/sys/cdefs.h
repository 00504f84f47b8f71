/* SPDX-License-Identifier: Apache-2.0 */
/* C library: what headers need so that C++ can use them too. */
#ifndef SYS_CDEFS_H
#define SYS_CDEFS_H

#ifdef __cplusplus
# define __BEGIN_DECLS	extern "C" {
# define __END_DECLS	}
#else
# define __BEGIN_DECLS
# define __END_DECLS
#endif

#define __always_inline	inline __attribute__((always_inline))

#endif
