/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings and buffers of the C library. Copies and fills are single
 * instructions of wasm; those trap on a bad address even when there is nothing
 * to do, hence the checks.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifndef __wasm_bulk_memory__
# error "compile with -mbulk-memory, or memcpy becomes a call of itself"
#endif

/* Lest a loop that looks like strlen becomes a call of strlen */
#pragma clang attribute push(__attribute__((no_builtin)), apply_to = function)

/* Buffers */

void *memcpy(void *__restrict dst, const void *__restrict src, size_t n)
{
	if (n)
		__builtin_memcpy(dst, src, n);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	if (n)
		__builtin_memmove(dst, src, n);
	return dst;
}

void *memset(void *s, int c, size_t n)
{
	if (n)
		__builtin_memset(s, c, n);
	return s;
}

int memcmp(const void *s1, const void *s2, size_t n)
{
	const unsigned char *a = s1;
	const unsigned char *b = s2;

	for (; n; a++, b++, n--)
		if (*a != *b)
			return *a - *b;
	return 0;
}

int bcmp(const void *s1, const void *s2, size_t n)
{
	return memcmp(s1, s2, n);
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n; p++, n--)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}

/* Lengths and comparisons */

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return end - s;
}

size_t strnlen(const char *s, size_t n)
{
	const char *end = memchr(s, 0, n);

	return end ? (size_t)(end - s) : n;
}

int strcmp(const char *s1, const char *s2)
{
	return strncmp(s1, s2, SIZE_MAX);
}

int strncmp(const char *s1, const char *s2, size_t n)
{
	for (; n; s1++, s2++, n--)
		if (*s1 != *s2 || !*s1)
			return (unsigned char)*s1 - (unsigned char)*s2;
	return 0;
}

int strcasecmp(const char *s1, const char *s2)
{
	return strncasecmp(s1, s2, SIZE_MAX);
}

int strncasecmp(const char *s1, const char *s2, size_t n)
{
	for (; n; s1++, s2++, n--) {
		int a = tolower((unsigned char)*s1);
		int b = tolower((unsigned char)*s2);

		if (a != b || !a)
			return a - b;
	}
	return 0;
}

/* Searches */

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	do {
		if (*s == (char)c)
			found = s;
	} while (*s++);
	return (char *)found;
}

char *strstr(const char *s, const char *sub)
{
	size_t n = strlen(sub);

	for (; strncmp(s, sub, n); s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

size_t strspn(const char *s, const char *set)
{
	size_t n = 0;

	while (s[n] && strchr(set, s[n]))
		n++;
	return n;
}

size_t strcspn(const char *s, const char *set)
{
	size_t n = 0;

	/* The end of s is found as the end of set */
	while (!strchr(set, s[n]))
		n++;
	return n;
}

char *strpbrk(const char *s, const char *set)
{
	s += strcspn(s, set);
	return *s ? (char *)s : NULL;
}

char *strtok_r(char *__restrict s, const char *__restrict set,
	       char **__restrict rest)
{
	char *token = NULL;

	if (!s)
		s = *rest;
	token = s + strspn(s, set);
	s = token + strcspn(token, set);
	if (*s)
		*s++ = 0;
	*rest = s;
	return s == token ? NULL : token;
}

/* Copies */

char *stpcpy(char *__restrict dst, const char *__restrict src)
{
	size_t n = strlen(src);

	memcpy(dst, src, n + 1);
	return dst + n;
}

char *strcpy(char *__restrict dst, const char *__restrict src)
{
	stpcpy(dst, src);
	return dst;
}

char *strncpy(char *__restrict dst, const char *__restrict src, size_t n)
{
	size_t len = strnlen(src, n);

	memcpy(dst, src, len);
	memset(dst + len, 0, n - len);
	return dst;
}

char *strcat(char *__restrict dst, const char *__restrict src)
{
	stpcpy(dst + strlen(dst), src);
	return dst;
}

char *strncat(char *__restrict dst, const char *__restrict src, size_t n)
{
	char *end = dst + strlen(dst);
	size_t len = strnlen(src, n);

	memcpy(end, src, len);
	end[len] = 0;
	return dst;
}

char *strdup(const char *s)
{
	return strndup(s, SIZE_MAX);
}

char *strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = malloc(len + 1);

	if (copy) {
		memcpy(copy, s, len);
		copy[len] = 0;
	}
	return copy;
}

#pragma clang attribute pop
