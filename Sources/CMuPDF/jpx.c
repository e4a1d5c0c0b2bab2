#define _GNU_SOURCE
#include "document.h"

#include <string.h>

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

uint64_t jpx_pixels(const uint8_t *bytes, size_t length) {
    // Start of codestream and of its SIZ segment (ISO/IEC 15444-1, A.5.1): length, capabilities, then width,
    // height and their offsets. Every one found counts, so that no decoy hides the one that is decoded.
    static const uint8_t start[] = {0xff, 0x4f, 0xff, 0x51};
    enum { size_offset = 8, segment_size = 24 };
    uint64_t largest = 0;
    const uint8_t *end = bytes + length;
    while ((bytes = memmem(bytes, (size_t)(end - bytes), start, sizeof start))) {
        if (end - bytes < segment_size)
            break;
        const uint8_t *size = bytes + size_offset;
        uint64_t right = big_endian(size), bottom = big_endian(size + 4);
        uint64_t left = big_endian(size + 8), top = big_endian(size + 12);
        uint64_t pixels = right > left && bottom > top ? (right - left) * (bottom - top) : 0;
        if (pixels > largest)
            largest = pixels;
        bytes += sizeof start;
    }
    return largest;
}
