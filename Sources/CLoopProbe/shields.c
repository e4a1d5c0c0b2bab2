// The switch, the count and the clock of the shields.
#include "shields.h"

#if LP_IS_SUPPORTED

_Atomic bool lp_shields_are_on = true;
_Atomic uint64_t lp_shield_count;

uint64_t lp_shield_restarts(void) { return atomic_load(&lp_shield_count); }

bool lp_shield(bool on) { return atomic_exchange(&lp_shields_are_on, on); }

struct timespec lp_time_left(const struct timespec *whole, uint64_t start) {
    uint64_t spent = lp_now() - start;
    time_t seconds = whole->tv_sec - (time_t)(spent / 1000000000u);
    long nanoseconds = whole->tv_nsec - (long)(spent % 1000000000u);
    if (nanoseconds < 0) {
        nanoseconds += 1000000000;
        seconds -= 1;
    }
    if (seconds < 0) return (struct timespec){0, 0};
    return (struct timespec){seconds, nanoseconds};
}

const void *const *const *lp_interposers(void) {
    static const void *const *const all[] = {
        lp_epoll_interposers, lp_sleep_interposers, lp_poll_interposers, lp_socket_interposers, lp_wait_interposers,
    };
    return all;
}

#endif
