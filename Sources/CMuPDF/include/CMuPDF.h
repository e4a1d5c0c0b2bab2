#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The PDF work, seen from Swift. No MuPDF type, callback or longjmp leaves these functions: each one that
// can fail is one whole fz_try and returns a status.

#ifdef __clang__
#define CMUPDF_ENUM __attribute__((enum_extensibility(closed)))
#else
#define CMUPDF_ENUM
#endif

/// How a call on a document ended.
typedef enum CMUPDF_ENUM {
    CMuPDFStatusDone,
    /// MuPDF can't read the file, page or image; `cmupdf_message` has its words.
    CMuPDFStatusFailed,
    CMuPDFStatusEncrypted,
    /// A count of the caller's limits was passed; `cmupdf_over_limit` has what was counted.
    CMuPDFStatusOverLimit,
    /// The memory limit was reached, or the system has no more.
    CMuPDFStatusNoMemory,
    CMuPDFStatusDeadline,
    CMuPDFStatusCancelled,
} CMuPDFStatus;

/// Format of an extracted image.
typedef enum CMUPDF_ENUM {
    CMuPDFFormatPNG,
    CMuPDFFormatJPEG,
    CMuPDFFormatJPX,
} CMuPDFFormat;

/// How decoded pixels become a PNG: by MuPDF's own writer, or the same pixels by libdeflate.
typedef enum CMUPDF_ENUM {
    CMuPDFPNGExact,
    CMuPDFPNGFast,
} CMuPDFPNG;

/// What one document may use.
typedef struct {
    /// Bytes that MuPDF and this shim may hold at once.
    size_t memory;
    /// Width times height of one image.
    uint64_t pixels;
    /// End of the time allowed, in nanoseconds of CLOCK_MONOTONIC; 0 is no end.
    uint64_t deadline;
    /// Which allocation fails, counted from 1, to test what follows; 0 is none.
    uint64_t failing_allocation;
} CMuPDFLimits;

/// One image, valid until the next call on its document.
typedef struct {
    CMuPDFFormat format;
    const uint8_t *bytes;
    size_t length;
    int32_t width;
    int32_t height;
} CMuPDFImage;

/// Pixels for the JPEG encoder: 8 bits a component, rows without padding.
typedef struct {
    const uint8_t *pixels;
    int32_t width;
    int32_t height;
    /// 1 grey, 3 RGB, 4 CMYK.
    int32_t components;
    /// 1 to 100.
    int32_t quality;
} CMuPDFPicture;

typedef struct cmupdf_cancellation cmupdf_cancellation;
typedef struct cmupdf_document cmupdf_document;

/// A switch that ends the work on one document; NULL when there is no memory.
cmupdf_cancellation *cmupdf_cancellation_create(void);
/// Ends the document's work at its next allocation or page operator, from any thread or signal handler.
void cmupdf_cancel(cmupdf_cancellation *cancellation);
bool cmupdf_is_cancelled(const cmupdf_cancellation *cancellation);
void cmupdf_cancellation_free(cmupdf_cancellation *cancellation);

/// Opens a PDF in place: `bytes` and `cancellation` must outlive the document, which must be closed whatever
/// the status. NULL when there is no memory, or, as a failure, when the cancellation serves another document.
cmupdf_document *cmupdf_open(const void *bytes, size_t length, const CMuPDFLimits *limits,
                             cmupdf_cancellation *cancellation, CMuPDFStatus *status);
void cmupdf_close(cmupdf_document *document);

CMuPDFStatus cmupdf_page_count(cmupdf_document *document, int32_t *count);

/// UTF-8 of one page, counted from 0; valid until the next call on the document.
CMuPDFStatus cmupdf_page_text(cmupdf_document *document, int32_t page, const char **text, size_t *length);

/// Lists the images of one page, replacing the list before it; more than `limit` is over the limit.
CMuPDFStatus cmupdf_list_images(cmupdf_document *document, int32_t page, size_t limit, size_t *count);
/// Number of the PDF object that holds a listed image: equal numbers are the same image.
int32_t cmupdf_image_object(const cmupdf_document *document, size_t index);
CMuPDFStatus cmupdf_load_image(cmupdf_document *document, size_t index, CMuPDFPNG png, CMuPDFImage *image);

/// MuPDF's words on the last failure, printable ASCII; empty if it had none.
const char *cmupdf_message(const cmupdf_document *document);
/// What was counted when a limit was passed.
uint64_t cmupdf_over_limit(const cmupdf_document *document);
/// Warnings and errors that MuPDF passed over, counted; the first are kept in words.
uint64_t cmupdf_warning_count(cmupdf_document *document);
/// The warning at an index, or NULL past the last one kept.
const char *cmupdf_warning(const cmupdf_document *document, size_t index);
/// The most bytes held at once so far.
size_t cmupdf_peak_memory(const cmupdf_document *document);
/// How often MuPDF asked for memory so far.
uint64_t cmupdf_allocation_count(const cmupdf_document *document);
/// Bytes that documents opened on this thread hold now: 0 once all are closed, or something leaked.
int64_t cmupdf_live_memory(void);
/// Nanoseconds of CLOCK_MONOTONIC.
uint64_t cmupdf_now(void);

/// Version of the MuPDF headers this was built with.
const char *cmupdf_header_version(void);
/// Version of the MuPDF library in this process, asked once; empty if it can't be told.
const char *cmupdf_library_version(void);

/// Keeps freed memory in the process; false if the C library refuses.
bool cmupdf_tune_memory(void);

/// Spawns a program with `socket` as descriptor 3, null devices for 0 and 1 and no other descriptor but standard
/// error, in a process group of its own. Gives 0 or an error number.
int cmupdf_spawn(const char *path, char *const arguments[], char *const environment[], int socket,
                 int32_t *process);
/// Makes this process fit to read strangers' PDFs: it dies with its parent, has one malloc arena, writes no file
/// and may map so much memory for a document and what goes with it. False if the kernel refuses a part of it.
bool cmupdf_confine(size_t memory);
/// Ends this process by SIGXCPU when it has computed for that long from now.
bool cmupdf_allow_processor_time(uint64_t seconds);
/// Bytes of this process that are in memory; 0 if it can't be told.
size_t cmupdf_resident_memory(void);
/// Lets `cmupdf_signal_cancel` of another process end documents of this one.
bool cmupdf_cancel_on_signal(void);
/// Documents have numbers, none twice in a row and none 0: a signal is for the one it names, early or late.
void cmupdf_document_begins(uint32_t document, cmupdf_cancellation *cancellation);
void cmupdf_document_ended(void);
bool cmupdf_signal_cancel(int32_t process, uint32_t document);

/// Upper bound of what `cmupdf_encode_jpeg` writes.
size_t cmupdf_jpeg_bound(const CMuPDFPicture *picture);
/// Writes a baseline JPEG into `output` and returns its length; 0 when libjpeg refuses or it doesn't fit.
size_t cmupdf_encode_jpeg(const CMuPDFPicture *picture, uint8_t *output, size_t capacity);
/// Upper bound of what `cmupdf_deflate` writes.
size_t cmupdf_deflate_bound(size_t length);
/// Writes a zlib stream at level 6 into `output` and returns its length; 0 when it doesn't fit.
size_t cmupdf_deflate(const uint8_t *bytes, size_t length, uint8_t *output, size_t capacity);
