#include "document.h"

// The bytes of an image as PyMuPDF 2.0's extract_image() gives them; masks are left out.

/// Lets go of what the last image's bytes lie in.
static void drop_last_image(cmupdf_document *document) {
    fz_drop_image(document->context, document->image);
    fz_drop_buffer(document->context, document->encoded);
    document->image = NULL;
    document->encoded = NULL;
}

static void give_buffer(cmupdf_document *document, fz_buffer *buffer, CMuPDFFormat format, CMuPDFImage *image) {
    unsigned char *bytes;
    image->length = fz_buffer_storage(document->context, buffer, &bytes);
    image->bytes = bytes;
    image->format = format;
}

static void check_pixels(cmupdf_document *document, uint64_t pixels) {
    if (pixels > document->memory.limits.pixels)
        throw_over_limit(document, pixels);
}

/// Holds an image to the pixel limit before anything decodes it.
static void check_size(cmupdf_document *document, pdf_obj *object) {
    fz_context *context = document->context;
    int width = pdf_dict_get_int(context, object, PDF_NAME(Width));
    int height = pdf_dict_get_int(context, object, PDF_NAME(Height));
    if (width > 0 && height > 0)
        check_pixels(document, (uint64_t)width * (uint64_t)height);
    if (!pdf_is_jpx_image(context, object))
        return;
    document->encoded = pdf_load_stream(context, object);
    unsigned char *bytes;
    size_t length = fz_buffer_storage(context, document->encoded, &bytes);
    check_pixels(document, jpx_pixels(bytes, length));
}

/// The image's pixels, in grey or RGB; the caller drops them.
static fz_pixmap *plain_pixels(cmupdf_document *document) {
    fz_context *context = document->context;
    fz_pixmap *pixels = fz_get_pixmap_from_image(context, document->image, NULL, NULL, NULL, NULL);
    fz_colorspace *space = pixels->colorspace;
    if (!space || space == fz_device_gray(context) || space == fz_device_rgb(context))
        return pixels;
    fz_pixmap *converted = NULL;
    fz_var(converted);
    fz_try(context) {
        converted = fz_convert_pixmap(context, pixels, fz_device_rgb(context), NULL, NULL,
                                      fz_default_color_params, 1);
    }
    fz_always(context) {
        fz_drop_pixmap(context, pixels);
    }
    fz_catch(context) {
        fz_rethrow(context);
    }
    return converted;
}

static void give_png(cmupdf_document *document, CMuPDFPNG png, CMuPDFImage *image) {
    fz_context *context = document->context;
    fz_pixmap *pixels = NULL;
    bool written = false;
    fz_var(pixels);
    fz_var(written);
    fz_try(context) {
        if (png == CMuPDFPNGFast) {
            pixels = plain_pixels(document);
            written = write_fast_png(document, pixels, image);
        }
    }
    fz_always(context) {
        fz_drop_pixmap(context, pixels);
    }
    fz_catch(context) {
        fz_rethrow(context);
    }
    if (written)
        return;
    document->encoded = fz_new_buffer_from_image_as_png(context, document->image, fz_default_color_params);
    if (!document->encoded)
        fz_throw(context, FZ_ERROR_GENERIC, "image of no size");
    give_buffer(document, document->encoded, CMuPDFFormatPNG, image);
}

#if HAS_JPEG_WRITER
static void give_cmyk_jpeg(cmupdf_document *document, CMuPDFImage *image) {
    document->encoded = fz_new_buffer_from_image_as_jpeg(document->context, document->image,
                                                         fz_default_color_params, 95, 1);
    give_buffer(document, document->encoded, CMuPDFFormatJPEG, image);
}
#else
/// The image's pixels in CMYK, or in grey or RGB where it has another colour space; the caller drops them.
static fz_pixmap *cmyk_pixels(cmupdf_document *document) {
    fz_context *context = document->context;
    fz_pixmap *pixels = fz_get_pixmap_from_image(context, document->image, NULL, NULL, NULL, NULL);
    if (!pixels->colorspace || pixels->colorspace == fz_device_cmyk(context))
        return pixels;
    fz_drop_pixmap(context, pixels);
    return plain_pixels(document);
}

/// Writes what MuPDF's JPEG writer of 1.24 writes.
static void give_cmyk_jpeg(cmupdf_document *document, CMuPDFImage *image) {
    fz_context *context = document->context;
    fz_pixmap *pixels = cmyk_pixels(document);
    fz_try(context) {
        // The pixels lie in MuPDF's store: the writer complements a copy, or the next reader gets them so.
        jpeg_picture picture = {
            .samples = pixels->samples,
            .stride = (size_t)pixels->stride,
            .width = pixels->w,
            .height = pixels->h,
            .components = pixels->n == 1 ? 1 : pixels->n - pixels->alpha,
            .quality = 95,
            .density_x = pixels->xres,
            .density_y = pixels->yres,
            .progressive = true,
            .inverted = pixels->n == 4,
        };
        size_t bound = jpeg_bound(picture.width, picture.height, picture.components);
        uint8_t *output = scratch_bytes(context, &document->file, bound);
        image->length = write_jpeg(&picture, output, bound);
        image->bytes = output;
        image->format = CMuPDFFormatJPEG;
        if (image->length == 0)
            fz_throw(context, FZ_ERROR_GENERIC, "cannot write a CMYK JPEG");
    }
    fz_always(context) {
        fz_drop_pixmap(context, pixels);
    }
    fz_catch(context) {
        fz_rethrow(context);
    }
}
#endif

/// Gives the stored bytes where they are a file of their own, or writes one of the pixels.
static void give_image(cmupdf_document *document, CMuPDFPNG png, CMuPDFImage *image) {
    fz_context *context = document->context;
    fz_compressed_buffer *stored = fz_compressed_image_buffer(context, document->image);
    int type = stored ? stored->params.type : FZ_IMAGE_UNKNOWN;
    // The types below BMP are filters, not files; their numbers change between versions.
    if (type == FZ_IMAGE_UNKNOWN || type == FZ_IMAGE_JBIG2 || type < FZ_IMAGE_BMP)
        give_png(document, png, image);
    else if (type == FZ_IMAGE_JPEG && document->image->n == 4)
        give_cmyk_jpeg(document, image);
    else if (type == FZ_IMAGE_JPEG)
        give_buffer(document, stored->buffer, CMuPDFFormatJPEG, image);
    else if (type == FZ_IMAGE_JPX)
        give_buffer(document, stored->buffer, CMuPDFFormatJPX, image);
    else
        fz_throw(context, FZ_ERROR_GENERIC, "image of a type no PDF filter makes: %d", type);
}

static void load_image(cmupdf_document *document, pdf_obj *object, CMuPDFPNG png, CMuPDFImage *image) {
    fz_context *context = document->context;
    check_size(document, object);
    if (!KEEPS_JPX && pdf_is_jpx_image(context, object)) {
        document->image = fz_new_image_from_buffer(context, document->encoded);
        give_buffer(document, document->encoded, CMuPDFFormatJPX, image);
    } else {
        fz_drop_buffer(context, document->encoded);
        document->encoded = NULL;
        document->image = pdf_load_image(context, document->pdf, object);
        give_image(document, png, image);
    }
    image->width = document->image->w;
    image->height = document->image->h;
}

CMuPDFStatus cmupdf_load_image(cmupdf_document *document, size_t index, CMuPDFPNG png, CMuPDFImage *image) {
    fz_context *context = document->context;
    pdf_obj *object = NULL;
    CMuPDFStatus status = CMuPDFStatusDone;
    fz_var(object);
    fz_var(status);
    *image = (CMuPDFImage){0};
    drop_last_image(document);
    fz_try(context) {
        throw_if_stopped(document);
        int number = cmupdf_image_object(document, index);
        if (number < 1 || number >= pdf_xref_len(context, document->pdf))
            fz_throw(context, FZ_ERROR_GENERIC, "image without an object of its own");
        object = pdf_new_indirect(context, document->pdf, number, 0);
        if (!pdf_name_eq(context, pdf_dict_get(context, object, PDF_NAME(Subtype)), PDF_NAME(Image)))
            fz_throw(context, FZ_ERROR_GENERIC, "object %d is no image", number);
        load_image(document, object, png, image);
    }
    fz_always(context) {
        pdf_drop_obj(context, object);
    }
    fz_catch(context) {
        drop_last_image(document);
        *image = (CMuPDFImage){0};
        status = caught_status(document);
    }
    return status == CMuPDFStatusDone ? ended_status(document) : status;
}
