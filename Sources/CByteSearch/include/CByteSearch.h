#pragma once
#include <stddef.h>

/// First place of `needle` in `haystack`, or NULL; linear in the worst case (glibc).
///
/// The corresponding C function is `memmem`.
const void *byte_search(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);
