// What interposers say before a call that may block, so that strict mode tells it.
#ifndef STRICT_H
#define STRICT_H

#include "probe_internal.h"

#if LP_IS_SUPPORTED

// A sanitizer brings its own functions of these names, and ours would hide from it what they do: they are left out.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define LP_IS_SANITIZED 1
#endif
#endif

// Whether a call of the calling thread would be told. A thread that isn't watched pays the first look alone; one that
// is parked, as a worker of the pool between two jobs, tells nothing.
static inline bool lp_tells_calls(void) {
    lp_watched *slot = lp_this.slot;
    if (slot == NULL) return false;
    return atomic_load_explicit(&lp_strictness_now, memory_order_relaxed) != LP_STRICT_OFF && !lp_this.is_in_call
        && atomic_load_explicit(&slot->busy_since, memory_order_relaxed) != 0;
}

void lp_call_begins(const char **call, const char *name, int strictness);
void lp_tell_call(const char *name);  // on the thread itself: no lock and no allocation

static inline void lp_call_ends(const char **call) {
    if (*call != NULL) lp_tell_call(*call);
}

// From here to the end of the function a call of its name is under way, if the calling thread tells it. The strictness
// is the least that tells the call; it is only found out when it matters.
#define LP_MAY_BLOCK_BY(strictness)                                             \
    __attribute__((cleanup(lp_call_ends))) const char *lp_call_under_way = NULL; \
    if (lp_tells_calls()) lp_call_begins(&lp_call_under_way, __func__, (strictness))

#define LP_MAY_BLOCK(condition) LP_MAY_BLOCK_BY((condition) ? LP_STRICT_CALLS : LP_STRICT_OFF)

// What tells a call on a descriptor: LP_STRICT_CALLS for one that waits for others, LP_STRICT_FILES for a file,
// LP_STRICT_OFF for one that never waits.
int lp_strictness_of(int file);

// Whether a call on a socket waits.
bool lp_socket_waits(int file, int flags);

static inline bool lp_is_some_time(const struct timespec *time) {
    return time == NULL || time->tv_sec != 0 || time->tv_nsec != 0;
}

// ---- the functions that we stand in front of (strict_real.c)
typedef struct {
    const char *name;
    const char *version;  // RTLD_NEXT alone may give an old one, as of condition variables; null where there is one
    const void *own;      // ours
    const void *linked;   // what this image calls by the name: another one if a static library brought it along
    _Atomic(void *) found;
} lp_real_call;

void *lp_find_real(lp_real_call *real);

// For a list of X(name, version): what is known of each, and the list that ends with null.
#define LP_REAL_CALL(name, version) static lp_real_call real_##name = {#name, version, OWN(name), (const void *)name, NULL};
#define LP_REAL_ENTRY(name, version) &real_##name,
#define LP_CALL_REAL(name) ((__typeof__(&name))lp_find_real(&real_##name))

// Ends the function with the C library's own. One that it lacks fails as one that the kernel lacks.
#define LP_RETURN_REAL(name, failure, ...)           \
    __typeof__(&name) real = LP_CALL_REAL(name);     \
    if (real == NULL) {                              \
        errno = ENOSYS;                              \
        return failure;                              \
    }                                                \
    return real(__VA_ARGS__)

extern lp_real_call *const lp_real_waits[];
extern lp_real_call *const lp_real_names[];
extern lp_real_call *const lp_real_files[];

#endif
#endif
