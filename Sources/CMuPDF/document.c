#include "document.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/// What MuPDF may keep of fonts and decoded images; it evicts from it before an allocation fails.
enum { store_size = 16 << 20 };

cmupdf_cancellation *cmupdf_cancellation_create(void) {
    cmupdf_cancellation *cancellation = calloc(1, sizeof *cancellation);
    if (cancellation)
        atomic_flag_clear(&cancellation->in_use);
    return cancellation;
}

void cmupdf_cancel(cmupdf_cancellation *cancellation) {
    atomic_store(&cancellation->cancelled, true);
    __atomic_store_n(&cancellation->cookie.abort, 1, __ATOMIC_RELAXED);
}

bool cmupdf_is_cancelled(const cmupdf_cancellation *cancellation) {
    return atomic_load(&cancellation->cancelled);
}

void cmupdf_cancellation_free(cmupdf_cancellation *cancellation) { free(cancellation); }

/// Copies text of unknown origin as printable ASCII.
static void copy_printable(char *to, size_t size, const char *from) {
    size_t length = 0;
    for (; from && from[length] && length + 1 < size; length++)
        to[length] = from[length] >= ' ' && from[length] <= '~' ? from[length] : '?';
    to[length] = 0;
}

static void keep_warning(void *user, const char *words) {
    cmupdf_document *document = user;
    if (document->warning_count < kept_warnings)
        copy_printable(document->warnings[document->warning_count], warning_size, words);
    document->warning_count++;
}

uint64_t cmupdf_warning_count(cmupdf_document *document) {
    if (document->context)
        fz_flush_warnings(document->context);
    return document->warning_count;
}

const char *cmupdf_warning(const cmupdf_document *document, size_t index) {
    return index < kept_warnings && index < document->warning_count ? document->warnings[index] : NULL;
}

const char *cmupdf_message(const cmupdf_document *document) { return document->message; }

size_t cmupdf_peak_memory(const cmupdf_document *document) { return document->memory.peak; }

uint64_t cmupdf_allocation_count(const cmupdf_document *document) { return document->memory.allocations; }

void throw_if_stopped(cmupdf_document *document) {
    if (check_stop(&document->memory, true) != CMuPDFStatusDone)
        fz_throw(document->context, FZ_ERROR_GENERIC, "stopped");
}

void throw_over_limit(cmupdf_document *document, uint64_t count) {
    document->over_limit = count;
    fz_throw(document->context, FZ_ERROR_GENERIC, "over limit");
}

uint64_t cmupdf_over_limit(const cmupdf_document *document) { return document->over_limit; }

CMuPDFStatus caught_status(cmupdf_document *document) {
    copy_printable(document->message, message_size, fz_caught_message(document->context));
    bool no_memory = fz_caught(document->context) == ALLOCATION_ERROR;
#if HAS_ERROR_REPORT
    fz_report_error(document->context);
#endif
    if (document->memory.stopped != CMuPDFStatusDone)
        return document->memory.stopped;
    if (no_memory)
        return CMuPDFStatusNoMemory;
    return document->over_limit ? CMuPDFStatusOverLimit : CMuPDFStatusFailed;
}

CMuPDFStatus ended_status(const cmupdf_document *document) { return document->memory.stopped; }

// No context is shared between threads, so the only lock that guards anything is FreeType's where a bundled
// openjpeg keeps its allocator in a global. But holding it tells that FreeType is at work, which may follow
// a null pointer when memory is refused in the midst of a glyph (seen with 2.12): so nothing is then.

#if NEEDS_FREETYPE_LOCK
static pthread_mutex_t freetype_mutex = PTHREAD_MUTEX_INITIALIZER;
#endif

static void take_lock(void *user, int lock) {
    memory_guard *memory = user;
    if (lock != FZ_LOCK_FREETYPE)
        return;
#if NEEDS_FREETYPE_LOCK
    pthread_mutex_lock(&freetype_mutex);
#endif
    memory->exemptions++;
}

static void give_lock(void *user, int lock) {
    memory_guard *memory = user;
    if (lock != FZ_LOCK_FREETYPE)
        return;
    memory->exemptions--;
#if NEEDS_FREETYPE_LOCK
    pthread_mutex_unlock(&freetype_mutex);
#endif
}

/// Reads the layers, if there are any, while nothing is refused.
///
/// MuPDF would read them on a page, and frees them twice when memory fails then (seen with 1.21 and 1.28).
static void read_layers(cmupdf_document *document) {
    fz_context *context = document->context;
    document->memory.exemptions++;
    fz_try(context) {
        pdf_count_layer_configs(context, document->pdf);
    }
    fz_always(context) {
        document->memory.exemptions--;
    }
    fz_catch(context) {
        fz_rethrow(context);
    }
}

static CMuPDFStatus open_pdf(cmupdf_document *document, const void *bytes, size_t length) {
    fz_context *context = document->context;
    fz_stream *stream = NULL;
    CMuPDFStatus status = CMuPDFStatusDone;
    fz_var(stream);
    fz_var(status);
    fz_try(context) {
        throw_if_stopped(document);
        stream = fz_open_memory(context, bytes, length);
        document->pdf = pdf_open_document_with_stream(context, stream);
        if (pdf_needs_password(context, document->pdf))
            status = CMuPDFStatusEncrypted;
        else
            read_layers(document);
    }
    fz_always(context) {
        fz_drop_stream(context, stream);
    }
    fz_catch(context) {
        status = caught_status(document);
    }
    return status == CMuPDFStatusDone ? ended_status(document) : status;
}

cmupdf_document *cmupdf_open(const void *bytes, size_t length, const CMuPDFLimits *limits,
                             cmupdf_cancellation *cancellation, CMuPDFStatus *status) {
    *status = CMuPDFStatusNoMemory;
    cmupdf_document *document = calloc(1, sizeof *document);
    if (!document)
        return NULL;
    if (atomic_flag_test_and_set(&cancellation->in_use)) {
        *status = CMuPDFStatusFailed;
        free(document);
        return NULL;
    }
    document->memory.limits = *limits;
    document->memory.cancellation = cancellation;
    // An earlier document may have ended at its own deadline; a cancellation stays, also one that comes now.
    cancellation->cookie = (fz_cookie){0};
    if (cmupdf_is_cancelled(cancellation))
        cmupdf_cancel(cancellation);
    fz_alloc_context allocator = guarded_allocator(&document->memory);
    fz_locks_context locks = {&document->memory, take_lock, give_lock};
    document->memory.exemptions = 1;
    document->context = fz_new_context(&allocator, &locks, store_size);
    if (!document->context)
        return document;
    fz_set_error_callback(document->context, keep_warning, document);
    fz_set_warning_callback(document->context, keep_warning, document);
    document->memory.exemptions = 0;
    *status = open_pdf(document, bytes, length);
    return document;
}

void cmupdf_close(cmupdf_document *document) {
    fz_context *context = document->context;
    if (context) {
        fz_drop_buffer(context, document->text);
        fz_drop_buffer(context, document->encoded);
        fz_drop_image(context, document->image);
        fz_free(context, document->images);
        fz_free(context, document->rows.bytes);
        fz_free(context, document->file.bytes);
        if (document->pdf)
            pdf_drop_document(context, document->pdf);
        fz_drop_context(context);
    }
    libdeflate_free_compressor(document->compressor);
    atomic_flag_clear(&document->memory.cancellation->in_use);
    free(document);
}

CMuPDFStatus cmupdf_page_count(cmupdf_document *document, int32_t *count) {
    fz_context *context = document->context;
    CMuPDFStatus status = CMuPDFStatusDone;
    fz_var(status);
    *count = 0;
    fz_try(context) {
        int pages = pdf_count_pages(context, document->pdf);
        // MuPDF checks this itself from 1.27 on; 794 bytes may claim 1,410,065,407 pages.
        if (pages < 0 || pages >= pdf_xref_len(context, document->pdf))
            fz_throw(context, FZ_ERROR_GENERIC, "invalid number of pages: %d", pages);
        *count = pages;
    }
    fz_catch(context) {
        status = caught_status(document);
    }
    return status == CMuPDFStatusDone ? ended_status(document) : status;
}
