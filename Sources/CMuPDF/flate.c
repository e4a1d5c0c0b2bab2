#include "CMuPDF.h"

#include <zlib.h>

size_t cmupdf_deflate_bound(size_t length) { return compressBound(length); }

size_t cmupdf_deflate(const uint8_t *bytes, size_t length, uint8_t *output, size_t capacity) {
    uLongf written = capacity;
    return compress2(output, &written, bytes, length, 6) == Z_OK ? written : 0;
}
