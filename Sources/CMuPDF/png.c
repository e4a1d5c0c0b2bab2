#include "document.h"

#include <string.h>

// PNGs with the pixels of MuPDF's writer, at two thirds of its time: filter 0 and libdeflate.

enum {
    compression_level = 6,
    bits_per_sample = 8,
    color_grey = 0,
    color_rgb = 2,
    unit_meter = 1,
    /// Length and type before a chunk's data.
    chunk_head = 8,
    /// More than the signature and all chunks but the data of IDAT.
    file_frame = 128,
};

/// Pixels past this are left to MuPDF's writer, which holds no second copy of them.
static const size_t largest_copy = 64 << 20;

static uint8_t *put_number(uint8_t *output, uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        *output++ = (uint8_t)(number >> shift);
    return output;
}

/// Puts a chunk round the data that already stands behind its head, and gives where the next one starts.
static uint8_t *close_chunk(uint8_t *chunk, const char *type, size_t length) {
    put_number(chunk, (uint32_t)length);
    memcpy(chunk + 4, type, 4);
    uint32_t checksum = libdeflate_crc32(0, chunk + 4, length + 4);
    return put_number(chunk + chunk_head + length, checksum);
}

static uint8_t *put_header(uint8_t *output, const fz_pixmap *pixels) {
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    memcpy(output, signature, sizeof signature);
    uint8_t *chunk = output + sizeof signature;
    uint8_t *next = put_number(chunk + chunk_head, (uint32_t)pixels->w);
    next = put_number(next, (uint32_t)pixels->h);
    *next++ = bits_per_sample;
    *next++ = pixels->n == 1 ? color_grey : color_rgb;
    memset(next, 0, 3);
    chunk = close_chunk(chunk, "IHDR", 13);

    next = put_number(chunk + chunk_head, (uint32_t)(pixels->xres * 100 / 2.54f + 0.5f));
    next = put_number(next, (uint32_t)(pixels->yres * 100 / 2.54f + 0.5f));
    *next = unit_meter;
    return close_chunk(chunk, "pHYs", 9);
}

uint8_t *scratch_bytes(fz_context *context, scratch_memory *scratch, size_t capacity) {
    if (scratch->capacity < capacity) {
        fz_free(context, scratch->bytes);
        *scratch = (scratch_memory){0};
        scratch->bytes = fz_malloc(context, capacity);
        scratch->capacity = capacity;
    }
    return scratch->bytes;
}

/// Copies the pixels as PNG has them: each row behind the number of its filter, which is none.
static void copy_rows(uint8_t *rows, const fz_pixmap *pixels, size_t row_length) {
    const uint8_t *samples = pixels->samples;
    for (int y = 0; y < pixels->h; y++) {
        *rows = 0;
        memcpy(rows + 1, samples, row_length - 1);
        rows += row_length;
        samples += pixels->stride;
    }
}

bool write_fast_png(cmupdf_document *document, fz_pixmap *pixels, CMuPDFImage *image) {
    fz_context *context = document->context;
    // One component is grey or an image mask. Others with alpha would need their colours divided by it.
    bool plain = pixels->n == 1 || (pixels->n == 3 && !pixels->alpha);
    size_t row_length = (size_t)pixels->w * pixels->n + 1;
    if (!plain || pixels->w < 1 || pixels->h < 1 || row_length > largest_copy / (size_t)pixels->h)
        return false;
    size_t length = row_length * (size_t)pixels->h;
    copy_rows(scratch_bytes(context, &document->rows, length), pixels, row_length);

    if (!document->compressor)
        document->compressor = libdeflate_alloc_compressor(compression_level);
    if (!document->compressor)
        return false;
    size_t bound = libdeflate_zlib_compress_bound(document->compressor, length);
    uint8_t *png = scratch_bytes(context, &document->file, bound + file_frame);
    uint8_t *data = put_header(png, pixels);
    size_t compressed = libdeflate_zlib_compress(document->compressor, document->rows.bytes, length,
                                                 data + chunk_head, bound);
    uint8_t *end = close_chunk(data, "IDAT", compressed);
    end = close_chunk(end, "IEND", 0);
    image->bytes = png;
    image->length = (size_t)(end - png);
    image->format = CMuPDFFormatPNG;
    return true;
}
