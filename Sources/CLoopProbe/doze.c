// The watchdog's sleep while every watched thread is parked.
#include "probe_internal.h"

#if LP_IS_SUPPORTED

_Atomic uint32_t lp_watchdog_dozes;
static _Atomic uint32_t is_called;

__attribute__((noinline, cold)) void lp_end_doze(void) {
    if (atomic_exchange(&lp_watchdog_dozes, 0) != 0) lp_wake(&lp_watchdog_dozes);
}

void lp_wake_watchdog(void) {
    // Kept for a watchdog that is about to doze, else the call would be lost.
    atomic_store(&is_called, 1);
    lp_wake(&is_called);
    lp_end_doze();
}

void lp_sleep_until_called(uint64_t timeout_ns) {
    if (atomic_exchange(&is_called, 0) == 0) lp_wait(&is_called, 0, timeout_ns);
}

static bool is_anyone_busy(void) {
    int count = lp_slot_count();
    for (int index = 0; index < count; index++) {
        lp_watched *slot = lp_slot_at(index);
        if (atomic_load(&slot->is_used) && atomic_load(&slot->busy_since) != 0) return true;
    }
    return false;
}

bool lp_sleep_until_busy(uint64_t timeout_ns) {
    atomic_store(&lp_watchdog_dozes, 1);
    bool is_busy = is_anyone_busy();
    if (!is_busy && atomic_exchange(&is_called, 0) == 0) {
        lp_wait(&lp_watchdog_dozes, 1, timeout_ns);
        // A short interval may be over by now; it woke the watchdog all the same.
        bool was_woken = atomic_load(&lp_watchdog_dozes) == 0 && atomic_exchange(&is_called, 0) == 0;
        is_busy = was_woken || is_anyone_busy();
    }
    atomic_store(&lp_watchdog_dozes, 0);
    return is_busy;
}

#endif
