#include "document.h"

#include <string.h>

// The images of a page as PyMuPDF 2.0's get_images(full=True) lists them.

/// One resource dictionary being walked.
typedef struct {
    pdf_obj *resources;
    pdf_obj *objects;
    int count;
    int next;
} resource_frame;

/// The way down to the dictionary being walked: on the heap, for a file may nest as deep as it likes.
typedef struct {
    resource_frame *frames;
    int depth;
    int capacity;
    /// A bit for each object number that was walked on this page.
    uint8_t *seen;
    size_t seen_size;
} resource_walk;

static void append_image(cmupdf_document *document, int object, size_t limit) {
    if (document->image_count >= limit)
        throw_over_limit(document, document->image_count + 1);
    if (document->image_count == document->image_capacity) {
        size_t capacity = document->image_capacity ? document->image_capacity * 2 : 32;
        document->images = fz_realloc_array(document->context, document->images, capacity, int);
        document->image_capacity = capacity;
    }
    document->images[document->image_count++] = object;
}

/// Lists the images that stand in a resource dictionary itself.
static void append_images(cmupdf_document *document, const resource_frame *frame, size_t limit) {
    fz_context *context = document->context;
    for (int i = 0; i < frame->count; i++) {
        pdf_obj *object = pdf_dict_get_val(context, frame->objects, i);
        if (!pdf_is_dict(context, object))
            continue;
        if (pdf_name_eq(context, pdf_dict_get(context, object, PDF_NAME(Subtype)), PDF_NAME(Image)))
            append_image(document, pdf_to_num(context, object), limit);
    }
}

/// Goes down into a resource dictionary, unless it stands on the way here.
static void enter(cmupdf_document *document, resource_walk *walk, pdf_obj *resources, size_t limit) {
    fz_context *context = document->context;
    throw_if_stopped(document);
    if (walk->depth == walk->capacity) {
        int capacity = walk->capacity ? walk->capacity * 2 : 16;
        walk->frames = fz_realloc_array(context, walk->frames, capacity, resource_frame);
        walk->capacity = capacity;
    }
    if (pdf_mark_obj(context, resources))
        return;
    resource_frame *frame = &walk->frames[walk->depth++];
    *frame = (resource_frame){.resources = resources};
    frame->objects = pdf_dict_get(context, resources, PDF_NAME(XObject));
    frame->count = pdf_dict_len(context, frame->objects);
    append_images(document, frame, limit);
}

/// Notes that a form was walked on this page; true if it was before.
static bool note_seen(cmupdf_document *document, resource_walk *walk, int object) {
    if (!walk->seen) {
        walk->seen_size = (size_t)pdf_xref_len(document->context, document->pdf) / 8 + 1;
        walk->seen = fz_calloc(document->context, walk->seen_size, 1);
    }
    size_t byte = (size_t)object / 8;
    if (byte >= walk->seen_size)
        return true;
    uint8_t bit = (uint8_t)(1u << (object % 8));
    bool seen = walk->seen[byte] & bit;
    walk->seen[byte] |= bit;
    return seen;
}

/// Walks one entry of the deepest dictionary, or leaves it when it has no more.
static void step(cmupdf_document *document, resource_walk *walk, size_t limit) {
    fz_context *context = document->context;
    resource_frame *frame = &walk->frames[walk->depth - 1];
    if (frame->next == frame->count) {
        pdf_unmark_obj(context, frame->resources);
        walk->depth--;
        return;
    }
    pdf_obj *object = pdf_dict_get_val(context, frame->objects, frame->next++);
    pdf_obj *resources = pdf_dict_get(context, object, PDF_NAME(Resources));
    if (!resources)
        return;
    int number = pdf_is_stream(context, object) ? pdf_to_num(context, object) : 0;
    if (note_seen(document, walk, number))
        frame->next = frame->count;  // PyMuPDF leaves the dictionary here, and so misses what follows
    else
        enter(document, walk, resources, limit);
}

CMuPDFStatus cmupdf_list_images(cmupdf_document *document, int32_t page, size_t limit, size_t *count) {
    fz_context *context = document->context;
    resource_walk walk = {0};
    CMuPDFStatus status = CMuPDFStatusDone;
    fz_var(walk);
    fz_var(status);
    document->image_count = 0;
    *count = 0;
    fz_try(context) {
        pdf_obj *object = pdf_lookup_page_obj(context, document->pdf, page);
        pdf_obj *resources = pdf_dict_get_inheritable(context, object, PDF_NAME(Resources));
        if (resources)
            enter(document, &walk, resources, limit);
        while (walk.depth > 0)
            step(document, &walk, limit);
        *count = document->image_count;
    }
    fz_always(context) {
        while (walk.depth > 0)
            pdf_unmark_obj(context, walk.frames[--walk.depth].resources);
        fz_free(context, walk.frames);
        fz_free(context, walk.seen);
    }
    fz_catch(context) {
        document->image_count = 0;
        status = caught_status(document);
    }
    return status == CMuPDFStatusDone ? ended_status(document) : status;
}

int32_t cmupdf_image_object(const cmupdf_document *document, size_t index) {
    return index < document->image_count ? document->images[index] : 0;
}
