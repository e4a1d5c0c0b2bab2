#pragma once
#include <stddef.h>

/// First place of `needle` in `haystack`, or NULL; linear in the worst case (glibc).
///
/// The corresponding C function is `memmem`.
const void *byte_search(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);

/// First place of `needle` in `haystack` behind which one of `followers` stands, or the end; or NULL.
///
/// Places don't overlap. `followers` ends with a NUL, which is none of them.
const void *byte_search_before(const void *haystack, size_t haystack_length, const void *needle,
                               size_t needle_length, const char *followers);
