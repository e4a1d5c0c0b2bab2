#define _GNU_SOURCE
#include "CByteSearch.h"

#include <stdbool.h>
#include <string.h>

const void *byte_search(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length) {
    return memmem(haystack, haystack_length, needle, needle_length);
}

static bool is_one_of(char byte, const char *bytes) {
    for (; *bytes; bytes++)
        if (byte == *bytes)
            return true;
    return false;
}

/// How far behind a place in vain the next one is looked for byte by byte: memmem prepares itself for each search.
static const ptrdiff_t nearby = 64;

/// The first place of `needle` from `at` on and before `end`, not far from `at`; or NULL.
static const char *search_nearby(const char *at, const char *end, const char *needle, size_t length) {
    if (end - at < (ptrdiff_t)length)
        return NULL;
    const char *last = end - at < nearby + (ptrdiff_t)length ? end - length : at + nearby;
    for (; at <= last; at++)
        if (*at == *needle && memcmp(at, needle, length) == 0)
            return at;
    return NULL;
}

const void *byte_search_before(const void *haystack, size_t haystack_length, const void *needle,
                               size_t needle_length, const char *followers) {
    const char *end = (const char *)haystack + haystack_length;
    const char *at = memmem(haystack, haystack_length, needle, needle_length);
    while (at) {
        const char *next = at + needle_length;
        if (next == end || is_one_of(*next, followers))
            return at;
        at = search_nearby(next, end, needle, needle_length);
        if (!at)
            at = memmem(next, (size_t)(end - next), needle, needle_length);
    }
    return NULL;
}
