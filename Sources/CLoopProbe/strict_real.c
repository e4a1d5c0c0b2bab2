// The C library's own functions behind ours, and which of ours other libraries really call.
#include "strict.h"

#if LP_IS_SUPPORTED

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

void *lp_find_real(lp_real_call *real) {
    void *function = atomic_load_explicit(&real->found, memory_order_relaxed);
    if (function != NULL) return function;
    if (real->version != NULL) function = dlvsym(RTLD_NEXT, real->name, real->version);
    if (function == NULL) function = dlsym(RTLD_NEXT, real->name);
    atomic_store_explicit(&real->found, function, memory_order_relaxed);
    return function;
}

static lp_real_call *const *const groups[] = {lp_real_waits, lp_real_names, lp_real_files};
enum { GROUPS = sizeof groups / sizeof groups[0] };

void lp_find_real_calls(void) {
    for (int group = 0; group < GROUPS; group++) {
        for (lp_real_call *const *real = groups[group]; *real != NULL; real++) (void)lp_find_real(*real);
    }
}

// Some of them may be called in a handler of a signal, where nothing can be searched for.
__attribute__((constructor)) static void find_all(void) { lp_find_real_calls(); }

static const void *image_of(const void *address) {
    Dl_info information;
    return dladdr(address, &information) == 0 ? NULL : information.dli_fbase;
}

// Whether everyone finds ours: not where this code is in a library that was loaded later, nor where a static library
// brought a function of the same name along.
static bool is_seen(const lp_real_call *real) {
    if (real->own == NULL || real->own != real->linked || image_of(real->own) != image_of(groups)) return false;
    const void *function = dlsym(RTLD_DEFAULT, real->name);
    // Null for one that no shared library has or asks for.
    return function == NULL || function == real->own;
}

int lp_unseen_calls(char *names, size_t capacity) {
    if (capacity > 0) names[0] = 0;
    if (lp_is_disabled("calls")) return LP_MISSING;
    int unseen = 0;
    int all = 0;
    size_t length = 0;
    for (int group = 0; group < GROUPS; group++) {
        for (lp_real_call *const *real = groups[group]; *real != NULL; real++) {
            all += 1;
            if (is_seen(*real)) continue;
            unseen += 1;
            int more = snprintf(names + length, capacity - length, "%s%s", length == 0 ? "" : ", ", (*real)->name);
            if (more > 0 && length + (size_t)more < capacity) length += (size_t)more;
        }
    }
    return all == 0 ? LP_MISSING : unseen;
}

#endif
