/* SPDX-License-Identifier: Apache-2.0 */
/* Output of the C library that the TEE does not serve itself. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <util.h>

struct _FILE {
	int fd;
};

static FILE out = { 1 };
static FILE err = { 2 };

FILE *stdout = &out;
FILE *stderr = &err;

ssize_t write(int fd, const void *buf, size_t count)
{
	const char *s = buf;

	if (fd != out.fd && fd != err.fd)
		return -1;
	if (count > INT_MAX)
		count = INT_MAX;
	/* One message; what is after a zero is lost with it */
	if (count)
		printf("%.*s", (int)count, s);
	return count;
}

size_t fwrite(const void *ptr, size_t size, size_t nmemb, FILE *stream)
{
	size_t all = 0;

	if (MUL_OVERFLOW(size, nmemb, &all) || all > INT_MAX || !all)
		return 0;
	return write(stream->fd, ptr, all) < 0 ? 0 : nmemb;
}

int fputs(const char *s, FILE *stream)
{
	return write(stream->fd, s, strlen(s)) < 0 ? -1 : 0;
}

int fputc(int c, FILE *stream)
{
	unsigned char octet = c;

	return write(stream->fd, &octet, 1) < 0 ? -1 : octet;
}

int sprintf(char *str, const char *fmt, ...)
{
	/* As far as the memory goes, whose size wraps to 0 at 4 GiB */
	size_t size = __builtin_wasm_memory_size(0) * 65536 - (uintptr_t)str;
	va_list ap;
	int n = 0;

	if (size > INT_MAX)
		size = INT_MAX;
	va_start(ap, fmt);
	n = vsnprintf(str, size, fmt, ap);
	va_end(ap);
	return n;
}
