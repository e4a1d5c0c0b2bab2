#include "document.h"

#include <float.h>
#include <stdio.h>

// The text of a page as PyMuPDF 2.0's get_text() gives it.

/// What the box of a character is measured with, in units of the font size.
typedef struct {
    float ascender;
    float descender;
} line_height;

/// Ascender and descender, scaled to a sum of the font size; a font without ascender gets 0.9 and -0.1.
static line_height scaled_height(float ascender, float descender, float size) {
    if (ascender < 1e-3f) {
        ascender = 0.9f;
        descender = -0.1f;
    }
    float sum = ascender - descender;
    return (line_height){ascender * size / sum, descender * size / sum};
}

/// Moves a quad to the origin and turns it upright, or back.
static fz_quad turn(fz_quad quad, float cosine, float sine) {
    fz_matrix turned = fz_make_matrix(cosine, sine, -sine, cosine, 0, 0);
    if (cosine == -1)
        turned.d = 1;
    return fz_transform_quad(quad, turned);
}

/// A character's quad; where the font claims less height than its size, stretched to the size.
static fz_quad character_quad(fz_context *context, const fz_stext_line *line, const fz_stext_char *character) {
    fz_font *font = character->font;
    float ascender = fz_font_ascender(context, font);
    float descender = fz_font_descender(context, font);
    if (line->wmode || ascender - descender + FLT_EPSILON >= 1)
        return character->quad;

    line_height height = scaled_height(ascender, descender, character->size);
    float cosine = line->dir.x, sine = line->dir.y;
    fz_point origin = character->origin;
    fz_quad quad = fz_transform_quad(character->quad, fz_translate(-origin.x, -origin.y));
    quad = turn(quad, cosine, -sine);
    bool flipped = cosine == 1 && quad.ul.y > 0;
    quad.ul.y = quad.ur.y = flipped ? height.ascender : -height.ascender;
    quad.ll.y = quad.lr.y = flipped ? height.descender : -height.descender;
    if (quad.ll.x < 0)
        quad.ll.x = quad.ul.x = 0;
    if (quad.lr.x - quad.ll.x < FLT_EPSILON) {
        int glyph = fz_encode_character(context, font, character->c);
        if (glyph) {
            float advance = fz_advance_glyph(context, font, glyph, line->wmode) * character->size;
            quad.lr.x = quad.ur.x = quad.ll.x + advance;
        }
    }
    return fz_transform_quad(turn(quad, cosine, sine), fz_translate(origin.x, origin.y));
}

static fz_rect character_box(fz_context *context, const fz_stext_line *line, const fz_stext_char *character) {
    fz_rect box = fz_rect_from_quad(character_quad(context, line, character));
    if (line->wmode && box.y1 < box.y0 + character->size)
        box.y0 = box.y1 - character->size;
    return box;
}

static bool overlaps(fz_rect page, fz_rect box) {
    return fz_is_infinite_rect(page) ||
           (page.x0 < box.x1 && page.y0 < box.y1 && page.x1 > box.x0 && page.y1 > box.y0);
}

static void append_character(fz_context *context, fz_buffer *text, int character) {
    if (character < 0) {
        // PyMuPDF writes eight hexadecimal digits and reads four: the rest stays as digits.
        char digits[9];
        snprintf(digits, sizeof digits, "%08x", (unsigned)character);
        append_character(context, text, (int)((unsigned)character >> 16));
        fz_append_data(context, text, digits + 4, 4);
    } else if (character < 128) {
        fz_append_byte(context, text, character);
    } else if ((character >= 0xd800 && character <= 0xdfff) || character > 0x10ffff) {
        fz_append_string(context, text, "\xef\xbf\xbd");
    } else {
        fz_append_rune(context, text, character);
    }
}

static void append_text_block(fz_context *context, fz_buffer *text, const fz_stext_block *block, fz_rect page) {
    int last = 0;
    for (const fz_stext_line *line = block->u.t.first_line; line; line = line->next) {
        for (const fz_stext_char *character = line->first_char; character; character = character->next) {
            if (!overlaps(page, character_box(context, line, character)))
                continue;
            last = character->c;
            append_character(context, text, last);
        }
        if (last > 0 && last != '\n') {
            fz_append_byte(context, text, '\n');
            last = '\n';
        }
    }
}

static void append_blocks(cmupdf_document *document, const fz_stext_block *block, fz_rect page) {
    for (; block; block = block->next) {
        throw_if_stopped(document);
#if HAS_STRUCT_BLOCKS
        if (block->type == FZ_STEXT_BLOCK_STRUCT && block->u.s.down)
            append_blocks(document, block->u.s.down->first_block, page);
#endif
        if (block->type == FZ_STEXT_BLOCK_TEXT)
            append_text_block(document->context, document->text, block, page);
    }
}

/// A page's own turn in degrees, 0 to 270; what is no quarter turn counts as none.
static int page_rotation(fz_context *context, pdf_obj *page) {
    int rotation = pdf_to_int(context, pdf_dict_get_inheritable(context, page, PDF_NAME(Rotate))) % 360;
    if (rotation < 0)
        rotation += 360;
    return rotation % 90 ? 0 : rotation;
}

/// Writes a page's own turn.
///
/// Nothing is refused meanwhile: MuPDF 1.21 frees an object twice when memory fails while it is changed.
static void set_rotation(cmupdf_document *document, pdf_obj *page, int rotation) {
    fz_context *context = document->context;
    document->memory.exemptions++;
    fz_try(context) {
        pdf_dict_put_int(context, page, PDF_NAME(Rotate), rotation);
    }
    fz_always(context) {
        document->memory.exemptions--;
    }
    fz_catch(context) {
        fz_rethrow(context);
    }
}

static fz_stext_options text_options(void) {
    fz_stext_options options = {0};
    options.flags = FZ_STEXT_PRESERVE_LIGATURES | FZ_STEXT_PRESERVE_WHITESPACE | FZ_STEXT_MEDIABOX_CLIP;
#if HAS_CID_FOR_UNKNOWN
    options.flags |= FZ_STEXT_USE_CID_FOR_UNKNOWN_UNICODE;
#endif
    return options;
}

/// Runs the page as if it weren't turned, and appends what it shows to the document's text.
static void append_page(cmupdf_document *document, fz_page *page) {
    fz_context *context = document->context;
    fz_stext_page *content = NULL;
    fz_device *device = NULL;
    fz_var(content);
    fz_var(device);
    fz_try(context) {
        fz_stext_options options = text_options();
        fz_cookie *cookie = &document->memory.cancellation->cookie;
        fz_rect bounds = fz_bound_page(context, page);
        content = fz_new_stext_page(context, bounds);
        device = fz_new_stext_device(context, content, &options);
        fz_run_page(context, page, device, fz_identity, cookie);
        fz_close_device(context, device);
        throw_if_stopped(document);
        append_blocks(document, content->first_block, bounds);
    }
    fz_always(context) {
        fz_drop_device(context, device);
        fz_drop_stext_page(context, content);
    }
    fz_catch(context) {
        fz_rethrow(context);
    }
}

CMuPDFStatus cmupdf_page_text(cmupdf_document *document, int32_t number, const char **text, size_t *length) {
    fz_context *context = document->context;
    fz_page *page = NULL;
    pdf_obj *object = NULL;
    int rotation = 0;
    CMuPDFStatus status = CMuPDFStatusDone;
    fz_var(page);
    fz_var(object);
    fz_var(rotation);
    fz_var(status);
    *text = "";
    *length = 0;
    fz_try(context) {
        throw_if_stopped(document);
        if (!document->text)
            document->text = fz_new_buffer(context, 4096);
        fz_clear_buffer(context, document->text);
        page = fz_load_page(context, &document->pdf->super, number);
        object = ((pdf_page *)page)->obj;
        rotation = page_rotation(context, object);
        if (rotation)
            set_rotation(document, object, 0);
        append_page(document, page);
        unsigned char *bytes;
        *length = fz_buffer_storage(context, document->text, &bytes);
        *text = (const char *)bytes;
    }
    fz_catch(context) {
        status = caught_status(document);
    }
    fz_try(context) {
        if (rotation)
            set_rotation(document, object, rotation);
    }
    fz_always(context) {
        fz_drop_page(context, page);
    }
    fz_catch(context) {
        if (status == CMuPDFStatusDone)
            status = caught_status(document);
    }
    return status == CMuPDFStatusDone ? ended_status(document) : status;
}
