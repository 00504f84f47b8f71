/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers from text. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

int errno;

/* What stands in the text: a sign and a magnitude, too large or not */
struct number {
	bool negative;
	bool overflow;
	unsigned long long magnitude;
};

/* 36 for what is no digit in any base */
static int digit_value(char c)
{
	if (isdigit(c))
		return c - '0';
	if (isalpha(c))
		return tolower(c) - 'a' + 10;
	return 36;
}

static bool has_hex_prefix(const char *s)
{
	return s[0] == '0' && tolower(s[1]) == 'x' && isxdigit(s[2]);
}

static void append(struct number *n, unsigned int digit, unsigned int base)
{
	if (n->magnitude > (ULLONG_MAX - digit) / base)
		n->overflow = true;
	n->magnitude = n->magnitude * base + digit;
}

static struct number parse(const char *s, char **end, int base)
{
	struct number n = { };
	const char *after = s;

	while (isspace(*s))
		s++;
	if (*s == '-' || *s == '+')
		n.negative = *s++ == '-';

	if ((base == 0 || base == 16) && has_hex_prefix(s)) {
		base = 16;
		s += 2;
	} else if (base == 0) {
		base = *s == '0' ? 8 : 10;
	}

	if (base < 2 || base > 36)
		errno = EINVAL;
	else
		for (; digit_value(*s) < base; after = ++s)
			append(&n, digit_value(*s), base);

	if (end)
		*end = (char *)after;
	return n;
}

static unsigned long long to_unsigned(struct number n, unsigned long long max)
{
	if (n.overflow || n.magnitude > max) {
		errno = ERANGE;
		return max;
	}
	return n.negative ? -n.magnitude : n.magnitude;
}

static long long to_signed(struct number n, long long max)
{
	unsigned long long limit = (unsigned long long)max + n.negative;

	if (n.overflow || n.magnitude > limit) {
		errno = ERANGE;
		n.magnitude = limit;
	}
	return n.negative ? -n.magnitude : n.magnitude;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	return to_unsigned(parse(s, end, base), ULONG_MAX);
}

unsigned long long strtoull(const char *s, char **end, int base)
{
	return to_unsigned(parse(s, end, base), ULLONG_MAX);
}

long strtol(const char *s, char **end, int base)
{
	return to_signed(parse(s, end, base), LONG_MAX);
}

long long strtoll(const char *s, char **end, int base)
{
	return to_signed(parse(s, end, base), LLONG_MAX);
}

int atoi(const char *s)
{
	return strtol(s, NULL, 10);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtoll(s, NULL, 10);
}
