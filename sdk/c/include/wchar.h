/* SPDX-License-Identifier: Apache-2.0 */
/* C library: empty, there are no wide characters. */
#ifndef WCHAR_H
#define WCHAR_H
#endif
