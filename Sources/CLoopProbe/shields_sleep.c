// Sleeps. The kernel says how much of a relative one is left.
#include "shields.h"

#if LP_IS_SUPPORTED

LP_INTERPOSER int clock_nanosleep(
    clockid_t clock, int flags, const struct timespec *requested, struct timespec *remaining
) {
    if (clock == CLOCK_THREAD_CPUTIME_ID) return EINVAL;
    LP_MAY_BLOCK((flags & TIMER_ABSTIME) != 0 || lp_is_some_time(requested));
    int kept = errno;
    struct timespec left = {0, 0};
    const struct timespec *request = requested;
    struct timespec next;
    int failure = 0;
    for (;;) {
        uint32_t before = lp_interruptions();
        long result = syscall(SYS_clock_nanosleep, (long)clock, (long)flags, request, &left);
        failure = result == 0 ? 0 : errno;
        if (failure != EINTR || !lp_must_restart(before)) break;
        if ((flags & TIMER_ABSTIME) != 0) continue;
        next = left;
        request = &next;
    }
    if (failure == EINTR && remaining != NULL && (flags & TIMER_ABSTIME) == 0) *remaining = left;
    // This call returns its failure and leaves errno alone.
    errno = kept;
    return failure;
}

LP_INTERPOSER int nanosleep(const struct timespec *requested, struct timespec *remaining) {
    LP_MAY_BLOCK(lp_is_some_time(requested));
    int failure = clock_nanosleep(CLOCK_REALTIME, 0, requested, remaining);
    if (failure == 0) return 0;
    errno = failure;
    return -1;
}

LP_INTERPOSER int usleep(useconds_t microseconds) {
    LP_MAY_BLOCK(microseconds != 0);
    struct timespec requested = {(time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000};
    return nanosleep(&requested, NULL);
}

LP_INTERPOSER unsigned int sleep(unsigned int seconds) {
    LP_MAY_BLOCK(seconds != 0);
    struct timespec requested = {(time_t)seconds, 0};
    struct timespec remaining = {0, 0};
    return nanosleep(&requested, &remaining) == 0 ? 0 : (unsigned int)remaining.tv_sec;
}

const void *const lp_sleep_interposers[] = {
    (const void *)clock_nanosleep, (const void *)nanosleep, (const void *)usleep, (const void *)sleep, NULL,
};

#endif
