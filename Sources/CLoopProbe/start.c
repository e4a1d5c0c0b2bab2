// The beginning of watching, and what a fork does to it.
#include "probe_internal.h"

#if LP_IS_SUPPORTED

#include <errno.h>

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static bool has_fork_handlers;
static const void *const *const *volatile linked_interposers;

static void before_fork(void) { lp_lock_slots(); }

static void after_fork_in_parent(void) { lp_unlock_slots(); }

// The other threads don't exist in the child, and its own would need another descriptor: it watches nothing.
static void after_fork_in_child(void) {
    int kept = errno;
    lp_stop_watching_loops();
    lp_set_threshold(UINT64_MAX);
    lp_watch_calls(LP_STRICT_OFF, false);
    lp_forget_everything();
    lp_unlock_slots();
    errno = kept;
}

int lp_start(int signal) {
    pthread_mutex_lock(&start_lock);
    linked_interposers = lp_interposers();
    if (!has_fork_handlers) {
        has_fork_handlers = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
    }
    lp_refresh_modules();
    lp_find_real_calls();
    int started = lp_signal() != 0 ? lp_signal() : lp_install_handler(signal);
    pthread_mutex_unlock(&start_lock);
    return started;
}

#endif
