/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OP-TEE extension: messages to the log of the TEE. Those above TRACE_LEVEL
 * are not compiled; the TEE may drop more of them.
 */
#ifndef TRACE_H
#define TRACE_H

#include <compiler.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/cdefs.h>
#include <trace_levels.h>

#define MAX_PRINT_SIZE		256
#define MAX_FUNC_PRINT_SIZE	32

#ifndef TRACE_LEVEL
# ifdef CFG_TEE_TA_LOG_LEVEL
#  define TRACE_LEVEL	CFG_TEE_TA_LOG_LEVEL
# else
#  define TRACE_LEVEL	TRACE_INFO
# endif
#endif

__BEGIN_DECLS

/* func may be NULL. A message without a level has level_ok false. */
void trace_printf(const char *func, int line, int level, bool level_ok,
		const char *fmt, ...) __printf(5, 6);
void trace_vprintf(const char *func, int line, int level, bool level_ok,
		const char *fmt, va_list ap) __printf(5, 0);

void dhex_dump(const char *func, int line, int level, const void *buf, int len);

__END_DECLS

#define trace_printf_helper(level, level_ok, ...) \
	trace_printf(__func__, __LINE__, level, level_ok, __VA_ARGS__)
#define trace_printf_helper_raw(level, level_ok, ...) \
	trace_printf(NULL, 0, level, level_ok, __VA_ARGS__)

#if TRACE_LEVEL > 0
# define MSG(...)	trace_printf_helper(0, false, __VA_ARGS__)
# define MSG_RAW(...)	trace_printf_helper_raw(0, false, __VA_ARGS__)
# define SMSG(...)	trace_printf_helper(TRACE_ERROR, true, __VA_ARGS__)
#else
# define MSG(...)	(void)0
# define MSG_RAW(...)	(void)0
# define SMSG(...)	(void)0
#endif

#if TRACE_LEVEL >= TRACE_ERROR
# define EMSG(...)	trace_printf_helper(TRACE_ERROR, true, __VA_ARGS__)
# define EMSG_RAW(...)	trace_printf_helper_raw(TRACE_ERROR, true, __VA_ARGS__)
#else
# define EMSG(...)	(void)0
# define EMSG_RAW(...)	(void)0
#endif

#if TRACE_LEVEL >= TRACE_INFO
# define IMSG(...)	trace_printf_helper(TRACE_INFO, true, __VA_ARGS__)
# define IMSG_RAW(...)	trace_printf_helper_raw(TRACE_INFO, true, __VA_ARGS__)
#else
# define IMSG(...)	(void)0
# define IMSG_RAW(...)	(void)0
#endif

#if TRACE_LEVEL >= TRACE_DEBUG
# define DMSG(...)	trace_printf_helper(TRACE_DEBUG, true, __VA_ARGS__)
# define DMSG_RAW(...)	trace_printf_helper_raw(TRACE_DEBUG, true, __VA_ARGS__)
# define DHEXDUMP(buf, len) \
	dhex_dump(__func__, __LINE__, TRACE_DEBUG, buf, len)
#else
# define DMSG(...)	(void)0
# define DMSG_RAW(...)	(void)0
# define DHEXDUMP(buf, len)	(void)0
#endif

#if TRACE_LEVEL >= TRACE_FLOW
# define FMSG(...)	trace_printf_helper(TRACE_FLOW, true, __VA_ARGS__)
# define FMSG_RAW(...)	trace_printf_helper_raw(TRACE_FLOW, true, __VA_ARGS__)
#else
# define FMSG(...)	(void)0
# define FMSG_RAW(...)	(void)0
#endif

/* On entry to and exit from a function */
#define INMSG(...)	FMSG("> " __VA_ARGS__)
#define OUTMSG(...)	FMSG("< " __VA_ARGS__)
#define OUTRMSG(r) \
	do { \
		OUTMSG("0x%x", r); \
		return r; \
	} while (0)

#endif
