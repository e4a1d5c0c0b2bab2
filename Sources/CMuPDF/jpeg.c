#include "document.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

/// Where libjpeg goes when it gives up; it would end the process otherwise.
typedef struct {
    struct jpeg_error_mgr manager;
    jmp_buf failed;
} jpeg_failure;

static void fail(j_common_ptr state) { longjmp(((jpeg_failure *)state->err)->failed, 1); }

static void stay_silent(j_common_ptr state) { (void)state; }

// The output is one buffer of the caller's. libjpeg's own growing one leaks when libjpeg gives up.

static void begin_output(j_compress_ptr state) { (void)state; }

static void end_output(j_compress_ptr state) { (void)state; }

static boolean refuse_more_output(j_compress_ptr state) {
    fail((j_common_ptr)state);
    return FALSE;
}

static J_COLOR_SPACE color_space(int components) {
    return components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
}

static void set_up(struct jpeg_compress_struct *state, const jpeg_picture *picture) {
    state->image_width = (JDIMENSION)picture->width;
    state->image_height = (JDIMENSION)picture->height;
    state->input_components = picture->components;
    state->in_color_space = color_space(picture->components);
    jpeg_set_defaults(state);
    jpeg_set_quality(state, picture->quality, FALSE);
    state->density_unit = 1;
    state->X_density = (UINT16)picture->density_x;
    state->Y_density = (UINT16)picture->density_y;
    state->comp_info[0].h_samp_factor = 1;
    state->comp_info[0].v_samp_factor = 1;
    if (picture->progressive)
        jpeg_simple_progression(state);
}

static void write_rows(struct jpeg_compress_struct *state, const jpeg_picture *picture) {
    size_t row_length = (size_t)picture->width * (size_t)picture->components;
    JSAMPARRAY row =
        state->mem->alloc_sarray((j_common_ptr)state, JPOOL_IMAGE, (JDIMENSION)row_length, 1);
    const uint8_t complement = picture->inverted ? 255 : 0;
    while (state->next_scanline < state->image_height) {
        const uint8_t *samples = picture->samples + state->next_scanline * picture->stride;
        for (size_t i = 0; i < row_length; i++)
            row[0][i] = samples[i] ^ complement;
        jpeg_write_scanlines(state, row, 1);
    }
}

size_t write_jpeg(const jpeg_picture *picture, uint8_t *output, size_t capacity) {
    struct jpeg_compress_struct state;
    jpeg_failure failure;
    struct jpeg_destination_mgr destination = {
        .next_output_byte = output,
        .free_in_buffer = capacity,
        .init_destination = begin_output,
        .empty_output_buffer = refuse_more_output,
        .term_destination = end_output,
    };
    state.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = fail;
    failure.manager.output_message = stay_silent;
    if (setjmp(failure.failed)) {
        jpeg_destroy_compress(&state);
        return 0;
    }
    jpeg_create_compress(&state);
    state.dest = &destination;
    set_up(&state, picture);
    jpeg_start_compress(&state, TRUE);
    write_rows(&state, picture);
    jpeg_finish_compress(&state);
    jpeg_destroy_compress(&state);
    return capacity - destination.free_in_buffer;
}

size_t jpeg_bound(int width, int height, int components) {
    // Blocks are 16 samples wide and high at most; libjpeg-turbo allows two bytes a sample.
    size_t samples = ((size_t)width + 15) * ((size_t)height + 15) * (size_t)components;
    return samples * 2 + (64 << 10);
}

size_t cmupdf_jpeg_bound(const CMuPDFPicture *picture) {
    return jpeg_bound(picture->width, picture->height, picture->components);
}

size_t cmupdf_encode_jpeg(const CMuPDFPicture *picture, uint8_t *output, size_t capacity) {
    jpeg_picture whole = {
        .samples = picture->pixels,
        .stride = (size_t)picture->width * (size_t)picture->components,
        .width = picture->width,
        .height = picture->height,
        .components = picture->components,
        .quality = picture->quality,
        .density_x = 72,
        .density_y = 72,
    };
    return write_jpeg(&whole, output, capacity);
}
