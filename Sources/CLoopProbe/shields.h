// What the interposers share: the calls that signal(7) lists as never restarted, made again when the signal was ours.
//
// They are no cancellation points, and their errno is the system call's. A thread that isn't watched gets no signal, so
// it pays no more than a look at its own thread-local.
#ifndef SHIELDS_H
#define SHIELDS_H

#include "strict.h"

#if LP_IS_SUPPORTED

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

// How many bytes the kernel's signal sets have; glibc's are larger.
#define LP_KERNEL_SET_BYTES ((size_t)(_NSIG / 8))

static inline uint64_t lp_call_start(void) { return lp_this.slot == NULL ? 0 : lp_now(); }

// What was so before a system call: a call that is made again must leave errno as if it had been made once.
typedef struct {
    uint32_t interruptions;
    int error_number;
} lp_attempt;

static inline lp_attempt lp_begin_attempt(void) { return (lp_attempt){lp_interruptions(), errno}; }

// Whether the call that gave this result is to be made again.
static inline bool lp_call_again(long result, lp_attempt before) {
    if (result != -1 || errno != EINTR || !lp_must_restart(before.interruptions)) return false;
    errno = before.error_number;
    return true;
}

struct timespec lp_time_left(const struct timespec *whole, uint64_t start);  // 0 at the least

extern const void *const lp_sleep_interposers[];
extern const void *const lp_poll_interposers[];
extern const void *const lp_socket_interposers[];
extern const void *const lp_wait_interposers[];
extern const void *const lp_epoll_interposers[];

#endif
#endif
