/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic on 128 bits, which the compiler calls by these names: for
 * __int128, and for products of 64 bits that are checked for overflow.
 */
#include <stdint.h>

typedef __int128 i128;
typedef unsigned __int128 u128;

i128 __multi3(i128 a, i128 b);
i128 __ashlti3(i128 a, int n);
i128 __ashrti3(i128 a, int n);
i128 __lshrti3(i128 a, int n);
u128 __udivti3(u128 a, u128 b);
u128 __umodti3(u128 a, u128 b);
i128 __divti3(i128 a, i128 b);
i128 __modti3(i128 a, i128 b);

/* The two halves, since an operator would call the function it stands in */
union halves {
	u128 all;
	struct {
		uint64_t low;
		uint64_t high;
	};
};

/* Of two numbers of 32 bits each, as of digits on paper */
static u128 multiply(uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a;
	uint64_t a1 = a >> 32;
	uint64_t b0 = (uint32_t)b;
	uint64_t b1 = b >> 32;
	uint64_t low = a0 * b0;
	uint64_t mid = a1 * b0 + (low >> 32);
	uint64_t carry = (uint32_t)mid + a0 * b1;
	union halves r = { };

	r.low = carry << 32 | (uint32_t)low;
	r.high = a1 * b1 + (mid >> 32) + (carry >> 32);
	return r.all;
}

i128 __multi3(i128 a, i128 b)
{
	union halves x = { .all = a };
	union halves y = { .all = b };
	union halves r = { .all = multiply(x.low, y.low) };

	r.high += x.low * y.high + x.high * y.low;
	return r.all;
}

i128 __ashlti3(i128 a, int n)
{
	union halves r = { .all = a };

	if (n & 64) {
		r.high = r.low << (n & 63);
		r.low = 0;
	} else if (n) {
		r.high = r.high << n | r.low >> (64 - n);
		r.low <<= n;
	}
	return r.all;
}

i128 __lshrti3(i128 a, int n)
{
	union halves r = { .all = a };

	if (n & 64) {
		r.low = r.high >> (n & 63);
		r.high = 0;
	} else if (n) {
		r.low = r.low >> n | r.high << (64 - n);
		r.high >>= n;
	}
	return r.all;
}

i128 __ashrti3(i128 a, int n)
{
	union halves r = { .all = a };

	if (n & 64) {
		r.low = (int64_t)r.high >> (n & 63);
		r.high = (int64_t)r.high >> 63;
	} else if (n) {
		r.low = r.low >> n | r.high << (64 - n);
		r.high = (int64_t)r.high >> n;
	}
	return r.all;
}

/* One bit after the other; what is left of a in the end is the remainder */
static u128 divide(u128 a, u128 b, u128 *remainder)
{
	u128 quotient = 0;
	u128 rest = 0;

	if (!b)
		__builtin_trap();
	for (int i = 0; i < 128; i++) {
		/* No bit is lost: what is compared below has 129 of them */
		u128 carry = rest >> 127;

		rest = rest << 1 | a >> 127;
		a <<= 1;
		quotient <<= 1;
		if (carry || rest >= b) {
			rest -= b;
			quotient |= 1;
		}
	}
	*remainder = rest;
	return quotient;
}

u128 __udivti3(u128 a, u128 b)
{
	u128 rest = 0;

	return divide(a, b, &rest);
}

u128 __umodti3(u128 a, u128 b)
{
	u128 rest = 0;

	divide(a, b, &rest);
	return rest;
}

i128 __divti3(i128 a, i128 b)
{
	u128 rest = 0;
	u128 quotient = divide(a < 0 ? -(u128)a : (u128)a,
			       b < 0 ? -(u128)b : (u128)b, &rest);

	return (a < 0) != (b < 0) ? -quotient : quotient;
}

i128 __modti3(i128 a, i128 b)
{
	u128 rest = 0;

	divide(a < 0 ? -(u128)a : (u128)a, b < 0 ? -(u128)b : (u128)b, &rest);
	return a < 0 ? -rest : rest;
}
