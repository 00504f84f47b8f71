// Package sdkc carries the TA dev kit: the C headers, the small C library and start-up code, and the make rules with
// which a TA directory is built. It is data and nothing else; package devkit puts it to use.
package sdkc

import "embed"

// Files are the dev kit's own: include, lib, src, mk, and imports.txt, the names that a TA may import.
//
//go:embed all:include lib/*.c src mk imports.txt
var Files embed.FS
