// Reads PDFs as the ingest server does, for scripts/check-pdf and for measuring: see usage below.

#include "CMuPDF.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: extract-pdf --list [--fast] FILE...     one line of JSON a document, text and images as hexadecimal\n"
    "       extract-pdf --fuzz FILE...              nothing, unless a document leaks or passes its deadline\n"
    "       extract-pdf --version                   MuPDF's version\n"
    "       extract-pdf --time N [--fast] FILE...   CPU milliseconds a document, least and median of N\n";

typedef struct {
    char *bytes;
    size_t length, capacity;
} output;

static void append(output *output, const void *bytes, size_t length) {
    if (output->length + length > output->capacity) {
        output->capacity = (output->length + length) * 2;
        output->bytes = realloc(output->bytes, output->capacity);
    }
    memcpy(output->bytes + output->length, bytes, length);
    output->length += length;
}

static void append_hexadecimal(output *output, const void *bytes, size_t length) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];
        append(output, (char[]){digits[byte >> 4], digits[byte & 15]}, 2);
    }
}

static const char *const statuses[] = {
    "done", "failed", "encrypted", "over limit", "no memory", "deadline", "cancelled",
};
static const char *const formats[] = {"png", "jpeg", "jpx"};

/// What one document came to; `stage` is where it failed.
typedef struct {
    CMuPDFStatus status;
    const char *stage;
    int32_t pages;
    output text, images;
    bool keeps;
    char message[256];
} reading;

static void read_images(reading *reading, cmupdf_document *document, int32_t page, CMuPDFPNG png) {
    size_t count;
    reading->stage = "image list";
    reading->status = cmupdf_list_images(document, page, 10000, &count);
    for (size_t i = 0; i < count && reading->status == CMuPDFStatusDone; i++) {
        CMuPDFImage image;
        reading->stage = "image";
        reading->status = cmupdf_load_image(document, i, png, &image);
        if (!reading->keeps || reading->status != CMuPDFStatusDone)
            continue;
        char head[160];
        snprintf(head, sizeof head,
                 "%s{\"page\":%d,\"index\":%zu,\"ext\":\"%s\",\"width\":%d,\"height\":%d,\"hexadecimal\":\"",
                 reading->images.length ? "," : "", page + 1, i, formats[image.format], image.width,
                 image.height);
        append(&reading->images, head, strlen(head));
        append_hexadecimal(&reading->images, image.bytes, image.length);
        append(&reading->images, "\"}", 2);
    }
}

static void read_document(reading *reading, cmupdf_document *document, CMuPDFPNG png) {
    reading->stage = "page count";
    reading->status = cmupdf_page_count(document, &reading->pages);
    for (int32_t page = 0; page < reading->pages && reading->status == CMuPDFStatusDone; page++) {
        const char *text;
        size_t length;
        reading->stage = "text";
        reading->status = cmupdf_page_text(document, page, &text, &length);
        if (reading->keeps && page)
            append(&reading->text, "\n", 1);
        if (reading->keeps)
            append(&reading->text, text, length);
    }
    for (int32_t page = 0; page < reading->pages && reading->status == CMuPDFStatusDone; page++)
        read_images(reading, document, page, png);
}

static uint64_t seconds_allowed = 30;

static reading read_bytes(const void *bytes, size_t length, CMuPDFPNG png, bool keeps) {
    reading reading = {.stage = "open", .keeps = keeps};
    CMuPDFLimits limits = {
        .memory = 512 << 20, .pixels = 100000000, .deadline = cmupdf_now() + seconds_allowed * 1000000000u};
    cmupdf_cancellation *cancellation = cmupdf_cancellation_create();
    cmupdf_document *document = cmupdf_open(bytes, length, &limits, cancellation, &reading.status);
    if (reading.status == CMuPDFStatusDone)
        read_document(&reading, document, png);
    snprintf(reading.message, sizeof reading.message, "%s", cmupdf_message(document));
    cmupdf_close(document);
    cmupdf_cancellation_free(cancellation);
    return reading;
}

static void list(const char *path, const void *bytes, size_t length, CMuPDFPNG png) {
    reading reading = read_bytes(bytes, length, png, true);
    output text = {0};
    append_hexadecimal(&text, reading.text.bytes, reading.text.length);
    for (char *c = reading.message; *c; c++)
        if (*c == '"' || *c == '\\')
            *c = '\'';
    printf("{\"file\":\"%s\",\"status\":\"%s\",\"stage\":\"%s\",\"message\":\"%s\",\"pages\":%d,"
           "\"text\":\"%.*s\",\"images\":[%.*s]}\n",
           path, statuses[reading.status], reading.stage, reading.message, reading.pages, (int)text.length,
           text.bytes, (int)reading.images.length, reading.images.bytes);
    free(text.bytes);
    free(reading.text.bytes);
    free(reading.images.bytes);
}

/// Ends the program if a document leaves memory behind, or takes much longer than it may.
static void fuzz(const char *path, const void *bytes, size_t length) {
    seconds_allowed = 4;
    for (int png = CMuPDFPNGExact; png <= CMuPDFPNGFast; png++) {
        uint64_t start = cmupdf_now();
        read_bytes(bytes, length, (CMuPDFPNG)png, false);
        if (cmupdf_live_memory() != 0 || cmupdf_now() - start > 5 * seconds_allowed * 1000000000u) {
            fprintf(stderr, "fuzz: %s leaves %" PRId64 " bytes after %" PRIu64 " ms\n", path,
                    cmupdf_live_memory(), (cmupdf_now() - start) / 1000000);
            exit(3);
        }
    }
}

static double cpu_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void measure(const char *path, const void *bytes, size_t length, CMuPDFPNG png, int count) {
    double *times = calloc((size_t)count, sizeof *times);
    for (int i = 0; i < count; i++) {
        double start = cpu_milliseconds();
        read_bytes(bytes, length, png, false);
        times[i] = cpu_milliseconds() - start;
    }
    qsort(times, (size_t)count, sizeof *times, ascending);
    printf("%8.2f ms least %8.2f ms median  %s\n", times[0], times[count / 2], path);
    free(times);
}

int main(int count, char **arguments) {
    bool lists = false, fuzzes = false;
    int times = 0;
    CMuPDFPNG png = CMuPDFPNGExact;
    int next = 1;
    if (count == 2 && strcmp(arguments[1], "--version") == 0) {
        puts(cmupdf_library_version());
        return 0;
    }
    for (; next < count && arguments[next][0] == '-'; next++) {
        if (strcmp(arguments[next], "--list") == 0)
            lists = true;
        else if (strcmp(arguments[next], "--fast") == 0)
            png = CMuPDFPNGFast;
        else if (strcmp(arguments[next], "--fuzz") == 0)
            fuzzes = true;
        else if (strcmp(arguments[next], "--time") == 0 && next + 1 < count)
            times = atoi(arguments[++next]);
    }
    if (next == count || (!lists && !fuzzes && times < 1)) {
        fputs(usage, stderr);
        return 64;
    }
    cmupdf_tune_memory();
    for (; next < count; next++) {
        int file = open(arguments[next], O_RDONLY | O_CLOEXEC);
        struct stat state;
        if (file < 0 || fstat(file, &state) != 0) {
            perror(arguments[next]);
            return 1;
        }
        size_t length = (size_t)state.st_size;
        void *bytes = mmap(NULL, length ? length : 1, PROT_READ, MAP_PRIVATE, file, 0);
        if (fuzzes)
            fuzz(arguments[next], bytes, length);
        else if (lists)
            list(arguments[next], bytes, length, png);
        else
            measure(arguments[next], bytes, length, png, times);
        munmap(bytes, length ? length : 1);
        close(file);
    }
    return 0;
}
