// The wait of an event loop: entering it ends a busy interval, leaving it begins one.
//
// These functions win over glibc's for every caller in the process.
#include "shields.h"

#if LP_IS_SUPPORTED

#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

static _Atomic uint32_t round_of_watching;  // 0: off
static _Atomic uint32_t rounds;

uint32_t lp_watch_round(void) { return atomic_load_explicit(&round_of_watching, memory_order_relaxed); }

void lp_stop_watching_loops(void) { atomic_store(&round_of_watching, 0); }

void lp_watch_loops(bool on) {
    if (!on || lp_is_child()) {
        lp_stop_watching_loops();
        return;
    }
    // A new round: threads that were no loops are asked for their names again.
    if (lp_watch_round() == 0) atomic_store(&round_of_watching, atomic_fetch_add(&rounds, 1) + 1);
}

static bool has_name_of_loop(void) {
    char name[16] = {0};
    prctl(PR_GET_NAME, name, 0, 0, 0);
    return strncmp(name, "NIO-ELT-", 8) == 0 || strncmp(name, "NIO-SGLTN-", 10) == 0;
}

static __attribute__((noinline, cold)) void register_loop(uint32_t round) {
    int kept = errno;
    if (!has_name_of_loop() || lp_register_quietly(LP_EVENT_LOOP, NULL) < 0) lp_this.refused_round = round;
    errno = kept;
}

// The slot of the calling thread if it is a loop. A job that waits here is blocked like in any other call.
static lp_watched *slot_of_loop(void) {
    if (lp_this.slot == NULL) {
        uint32_t round = lp_watch_round();
        if (round != 0 && lp_this.refused_round != round) register_loop(round);
    }
    lp_watched *slot = lp_this.slot;
    return slot != NULL && slot->kind == LP_EVENT_LOOP ? slot : NULL;
}

static void enter_wait(void) {
    lp_watched *slot = slot_of_loop();
    if (slot != NULL) lp_park(slot);
}

static void leave_wait(void) {
    int kept = errno;
    lp_watched *slot = slot_of_loop();
    if (slot != NULL) lp_unpark(slot);
    errno = kept;
}

static int milliseconds_until(uint64_t deadline) {
    uint64_t now = lp_now();
    return now >= deadline ? 0 : (int)((deadline - now + 999999) / 1000000);
}

static int wait_in_milliseconds(
    int file, struct epoll_event *events, int capacity, int timeout, const sigset_t *mask
) {
    uint64_t deadline = timeout > 0 ? lp_now() + (uint64_t)timeout * 1000000u : 0;
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        long wait = timeout;
        long result = syscall(SYS_epoll_pwait, (long)file, events, (long)capacity, wait, mask, LP_KERNEL_SET_BYTES);
        if (!lp_call_again(result, before)) return (int)result;
        if (timeout > 0) timeout = milliseconds_until(deadline);
    }
}

// Whether the call keeps the thread from what it is for: not the wait of a loop, which is idle in it.
static bool is_wait_of_job(bool has_time) { return has_time && lp_this.slot->kind != LP_EVENT_LOOP; }

LP_INTERPOSER int epoll_pwait(int file, struct epoll_event *events, int capacity, int timeout, const sigset_t *mask) {
    LP_MAY_BLOCK(is_wait_of_job(timeout != 0));
    enter_wait();
    int result = wait_in_milliseconds(file, events, capacity, timeout, mask);
    leave_wait();
    return result;
}

LP_INTERPOSER int epoll_wait(int file, struct epoll_event *events, int capacity, int timeout) {
    LP_MAY_BLOCK(is_wait_of_job(timeout != 0));
    return epoll_pwait(file, events, capacity, timeout, NULL);
}

LP_INTERPOSER int epoll_pwait2(
    int file, struct epoll_event *events, int capacity, const struct timespec *timeout, const sigset_t *mask
) {
#ifdef SYS_epoll_pwait2
    LP_MAY_BLOCK(is_wait_of_job(lp_is_some_time(timeout)));
    enter_wait();
    struct timespec left = {0, 0};
    uint64_t start = lp_now();
    if (timeout != NULL) left = *timeout;
    long result;
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        struct timespec *limit = timeout == NULL ? NULL : &left;
        result = syscall(SYS_epoll_pwait2, (long)file, events, (long)capacity, limit, mask, LP_KERNEL_SET_BYTES);
        if (!lp_call_again(result, before)) break;
        if (timeout != NULL) left = lp_time_left(timeout, start);
    }
    leave_wait();
    return (int)result;
#else
    (void)file, (void)events, (void)capacity, (void)timeout, (void)mask;
    errno = ENOSYS;
    return -1;
#endif
}

const void *const lp_epoll_interposers[] = {
    (const void *)epoll_wait, (const void *)epoll_pwait, (const void *)epoll_pwait2, NULL,
};

#endif
