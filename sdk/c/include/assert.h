/* SPDX-License-Identifier: Apache-2.0 */
/* C library: assertions. One that fails is logged and panics the TA. */
#ifndef ASSERT_H
#define ASSERT_H

#include <compiler.h>
#include <sys/cdefs.h>
#include <trace.h>

__BEGIN_DECLS

void _assert_log(const char *expr, const char *file, const int line,
		const char *func);
void _assert_break(void) __noreturn;

/* Both of the above, but the compiler does not know that it will not return */
void _runtime_assert_trap(const char *expr, const char *file, const int line,
		const char *func);

__END_DECLS

#ifndef __cplusplus
/* The message may be left out */
# define static_assert(cond, ...)	_Static_assert(cond, "" __VA_ARGS__)
#endif

/* The older name, for use inside functions */
#define COMPILE_TIME_ASSERT(cond) \
	do { \
		static_assert(cond, #cond); \
	} while (0)

#endif

/* As the C standard has it, NDEBUG is looked at with every inclusion */
#undef assert
#undef runtime_assert

#ifdef NDEBUG
# define assert(expr)		((void)0)
# define runtime_assert(expr)	((void)0)
#else
# define assert(expr) \
	((expr) ? (void)0 : \
	 (_assert_log(#expr, __FILE__, __LINE__, __func__), _assert_break()))
# define runtime_assert(expr) \
	((expr) ? (void)0 : \
	 _runtime_assert_trap(#expr, __FILE__, __LINE__, __func__))
#endif
