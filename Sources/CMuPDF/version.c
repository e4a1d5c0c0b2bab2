#define _GNU_SOURCE
#include "document.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// MuPDF tells its version nowhere but in the line it prints when it refuses a context to headers of another
// one. So a context is asked for with headers of no version, once, and the line caught on its way.

static char library_version[32];

/// Puts standard error on a file in memory, and gives a duplicate of the old one; -1 on failure.
static int divert_standard_error(int file) {
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    if (kept >= 0 && dup2(file, STDERR_FILENO) < 0) {
        close(kept);
        return -1;
    }
    return kept;
}

/// Finds "library (1.21.1)" in the refusal.
static void take_version(const char *line) {
    static const char before[] = "library (";
    const char *start = strstr(line, before);
    if (!start)
        return;
    start += sizeof before - 1;
    size_t length = strcspn(start, ")");
    if (length < sizeof library_version)
        memcpy(library_version, start, length);
}

static void ask_version(void) {
    int file = memfd_create("mupdf-version", MFD_CLOEXEC);
    if (file < 0)
        return;
    int kept = divert_standard_error(file);
    if (kept >= 0) {
        fz_context *context = fz_new_context_imp(NULL, NULL, FZ_STORE_DEFAULT, "of no version");
        fflush(stderr);
        dup2(kept, STDERR_FILENO);
        close(kept);
        fz_drop_context(context);
        char line[256] = {0};
        if (pread(file, line, sizeof line - 1, 0) > 0)
            take_version(line);
    }
    close(file);
}

const char *cmupdf_header_version(void) { return FZ_VERSION; }

const char *cmupdf_library_version(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, ask_version);
    return library_version;
}
