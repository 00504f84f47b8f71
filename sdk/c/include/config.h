/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: asks for a CFG_ macro outside of the preprocessor. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>

/*
 * true when cfg is a macro that is 1, false for anything else, also when it is
 * not defined. A 1 completes the name of a macro with a comma in it, which
 * moves true into the place of the second argument.
 */
#define IS_ENABLED(cfg)			__cfg_expand(cfg)
#define IS_ENABLED2(cfg)		IS_ENABLED(cfg)
#define __cfg_expand(value)		__cfg_shift(__cfg_is_##value)
#define __cfg_is_1			0,
#define __cfg_shift(maybe_two)		__cfg_second(maybe_two true, false, 0)
#define __cfg_second(first, second, ...)	second

#endif
