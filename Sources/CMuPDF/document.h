#pragma once

#include "CMuPDF.h"
#include "version.h"

#include <libdeflate.h>
#include <stdatomic.h>

enum { kept_warnings = 20, warning_size = 201, message_size = 201 };

struct cmupdf_cancellation {
    atomic_bool cancelled;
    atomic_flag in_use;
    /// Only `abort` is written from outside, only ever to 1; MuPDF reads it between page operators.
    fz_cookie cookie;
};

/// Counts what is held and says when to stop: every stop reaches MuPDF as an allocation that fails.
typedef struct {
    CMuPDFLimits limits;
    cmupdf_cancellation *cancellation;
    size_t live;
    size_t peak;
    uint64_t allocations;
    /// Above 0 while nothing may be refused: a context is made, which MuPDF prints about when it fails, or
    /// code runs that a refusal would crash.
    int exemptions;
    /// Why allocations fail from now on; `CMuPDFStatusDone` if they don't.
    CMuPDFStatus stopped;
} memory_guard;

/// Memory used again for every image of a document.
typedef struct {
    uint8_t *bytes;
    size_t capacity;
} scratch_memory;

struct cmupdf_document {
    memory_guard memory;
    fz_context *context;
    pdf_document *pdf;
    fz_buffer *text;

    int *images;
    size_t image_count;
    size_t image_capacity;

    /// What the last loaded image's bytes lie in.
    fz_image *image;
    fz_buffer *encoded;
    scratch_memory rows;
    scratch_memory file;
    struct libdeflate_compressor *compressor;

    /// The count that passed a limit; 0 if none did.
    uint64_t over_limit;
    char message[message_size];
    uint64_t warning_count;
    char warnings[kept_warnings][warning_size];
};

// memory.c
fz_alloc_context guarded_allocator(memory_guard *memory);
/// Stops the document if it is time to, and gives why; `CMuPDFStatusDone` if nothing stops it.
CMuPDFStatus check_stop(memory_guard *memory, bool ask_clock);

// document.c
/// Throws if the document was told to stop.
void throw_if_stopped(cmupdf_document *document);
/// Throws what becomes `CMuPDFStatusOverLimit` with this count.
void throw_over_limit(cmupdf_document *document, uint64_t count);
/// Takes the error just caught and gives its status.
CMuPDFStatus caught_status(cmupdf_document *document);
/// The status of a call that MuPDF ended without an error: it may have passed over that it was stopped.
CMuPDFStatus ended_status(const cmupdf_document *document);

// png.c
/// At least `capacity` bytes whose content is free to write over.
uint8_t *scratch_bytes(fz_context *context, scratch_memory *scratch, size_t capacity);
/// Writes pixels as a PNG; false if MuPDF's own writer must do it.
bool write_fast_png(cmupdf_document *document, fz_pixmap *pixmap, CMuPDFImage *image);

// jpeg.c
typedef struct {
    const uint8_t *samples;
    size_t stride;
    int width;
    int height;
    int components;
    int quality;
    int density_x;
    int density_y;
    bool progressive;
    /// Complement every sample, as Adobe's CMYK JPEGs have them; the samples given stay as they are.
    bool inverted;
} jpeg_picture;

/// Gives the length of the JPEG, 0 if it doesn't fit or libjpeg refuses.
size_t write_jpeg(const jpeg_picture *picture, uint8_t *output, size_t capacity);
size_t jpeg_bound(int width, int height, int components);

// jpx.c
/// Width times height that a JPX file's codestreams claim, the largest of them; 0 if there is none.
uint64_t jpx_pixels(const uint8_t *bytes, size_t length);
