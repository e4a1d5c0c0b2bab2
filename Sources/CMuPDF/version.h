#pragma once

#include <mupdf/fitz.h>
#include <mupdf/pdf.h>

// What differs between MuPDF 1.21 and 1.28. Flags and codes there are enumerators, so only the version can
// be asked; each feature has a name of its own here.

#define MUPDF_AT_LEAST(minor, patch)                                                                        \
    (FZ_VERSION_MAJOR > 1 || FZ_VERSION_MINOR > (minor) ||                                                  \
     (FZ_VERSION_MINOR == (minor) && FZ_VERSION_PATCH >= (patch)))

/// FZ_STEXT_USE_CID_FOR_UNKNOWN_UNICODE exists.
#define HAS_CID_FOR_UNKNOWN MUPDF_AT_LEAST(23, 9)
/// A caught error must be reported, or MuPDF prints it; FZ_ERROR_MEMORY became FZ_ERROR_SYSTEM.
#define HAS_ERROR_REPORT MUPDF_AT_LEAST(24, 0)
#if HAS_ERROR_REPORT
#define ALLOCATION_ERROR FZ_ERROR_SYSTEM
#else
#define ALLOCATION_ERROR FZ_ERROR_MEMORY
#endif
/// fz_new_buffer_from_image_as_jpeg takes a quality; 1.23 has one that always encodes at quality 1.
#define HAS_JPEG_WRITER MUPDF_AT_LEAST(24, 0)
/// Text pages have blocks that hold blocks.
#define HAS_STRUCT_BLOCKS MUPDF_AT_LEAST(25, 0)
/// pdf_load_image keeps the bytes of a JPX image instead of decoding them.
#define KEEPS_JPX MUPDF_AT_LEAST(27, 0)
/// Builds other than Debian's may bundle openjpeg, whose allocator is a global behind the FreeType lock.
#define NEEDS_FREETYPE_LOCK MUPDF_AT_LEAST(22, 0)
