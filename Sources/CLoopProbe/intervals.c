// Busy intervals: their beginnings, their ends, and those kept because they were long.
//
// The thread never waits here: it alone writes its ring, and a full ring counts what it drops.
#include "probe_internal.h"

#if LP_IS_SUPPORTED

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct lp_ring {
    _Atomic uint64_t written;  // by the thread
    _Atomic uint64_t taken;    // under the lock of the takers
    lp_interval intervals[LP_KEPT_INTERVALS];
};

static _Atomic uint64_t threshold_ns = UINT64_MAX;
static _Atomic uint64_t dropped;
static pthread_mutex_t taker_lock = PTHREAD_MUTEX_INITIALIZER;

lp_ring *lp_ring_make(void) { return calloc(1, sizeof(lp_ring)); }

void lp_set_threshold(uint64_t ns) { atomic_store(&threshold_ns, ns); }

uint64_t lp_dropped_intervals(void) { return atomic_load(&dropped); }

static __attribute__((noinline, cold)) void keep(lp_watched *slot, uint64_t start, uint64_t end) {
    lp_ring *ring = slot->ring;
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (written - atomic_load_explicit(&ring->taken, memory_order_acquire) >= LP_KEPT_INTERVALS) {
        atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
        return;
    }
    lp_interval *interval = &ring->intervals[written % LP_KEPT_INTERVALS];
    memset(interval, 0, sizeof *interval);
    interval->slot = (int32_t)(slot - lp_slot_at(0));
    interval->thread_id = slot->thread_id;
    interval->kind = slot->kind;
    memcpy(interval->name, slot->name, sizeof interval->name);
    interval->generation = slot->generation;
    interval->sequence = atomic_load_explicit(&slot->sequence, memory_order_relaxed);
    interval->start_ns = start;
    interval->end_ns = end;
    lp_noted_for(slot, interval->sequence, &interval->before, &interval->before_ns);
    lp_read_accounts(slot->schedule_file, CLOCK_THREAD_CPUTIME_ID, &interval->after);
    interval->task = slot->task;
    interval->scopes = slot->scopes;
    memcpy(interval->task_name, slot->task_name, sizeof interval->task_name);
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

void lp_begin_at(lp_watched *slot, uint64_t now) {
    uint64_t sequence = atomic_load_explicit(&slot->sequence, memory_order_relaxed);
    atomic_store_explicit(&slot->sequence, sequence + 1, memory_order_release);
    // Both sequentially consistent, as in the watchdog: either it sees that the thread is busy, or the thread sees
    // that it dozes.
    atomic_store(&slot->busy_since, now);
    if (atomic_load(&lp_watchdog_dozes) != 0) lp_end_doze();
}

void lp_end_at(lp_watched *slot, uint64_t now) {
    uint64_t start = atomic_load_explicit(&slot->busy_since, memory_order_relaxed);
    if (start == 0) return;
    atomic_store_explicit(&slot->busy_since, 0, memory_order_release);
    uint64_t duration = now > start ? now - start : 0;
    uint64_t total = atomic_load_explicit(&slot->busy_total_ns, memory_order_relaxed);
    atomic_store_explicit(&slot->busy_total_ns, total + duration, memory_order_relaxed);
    if (duration > atomic_load_explicit(&slot->longest_ns, memory_order_relaxed)) {
        atomic_store_explicit(&slot->longest_ns, duration, memory_order_relaxed);
    }
    if (duration >= atomic_load_explicit(&threshold_ns, memory_order_relaxed)) keep(slot, start, now);
}

void lp_park(lp_watched *slot) {
    slot->depth = 0;
    if (atomic_load_explicit(&slot->busy_since, memory_order_relaxed) != 0) lp_end_at(slot, lp_now());
}

void lp_unpark(lp_watched *slot) {
    slot->depth = 1;
    lp_begin_at(slot, lp_now());
}

uint64_t lp_mark(void) {
    uint64_t now = lp_now();
    lp_watched *slot = lp_this.slot;
    if (slot != NULL && atomic_load_explicit(&slot->busy_since, memory_order_relaxed) != 0) {
        lp_end_at(slot, now);
        lp_begin_at(slot, now);
    }
    return now;
}

// A job may run within another, as a watched one on a loop does: it is cut out of the outer interval.
void lp_begin(void) {
    lp_watched *slot = lp_this.slot;
    if (slot == NULL) return;
    if (slot->depth++ == 0) {
        lp_begin_at(slot, lp_now());
    } else {
        lp_mark();
    }
}

void lp_end(void) {
    lp_watched *slot = lp_this.slot;
    if (slot == NULL || slot->depth == 0) return;
    if (--slot->depth > 0) {
        lp_mark();
        return;
    }
    lp_end_at(slot, lp_now());
    slot->task = 0;
    slot->scopes = 0;
    slot->task_name[0] = 0;
}

void lp_begin_job(uintptr_t task, const char *task_name, uint64_t scopes) {
    lp_begin();
    lp_watched *slot = lp_this.slot;
    if (slot == NULL) return;
    slot->task = task;
    slot->scopes = scopes;
    slot->task_name[0] = 0;
    if (task_name != NULL) {
        strncpy(slot->task_name, task_name, LP_NAME_BYTES - 1);
        slot->task_name[LP_NAME_BYTES - 1] = 0;
    }
}

void lp_change_scopes(uintptr_t task, uint64_t scopes) {
    lp_watched *slot = lp_this.slot;
    if (slot != NULL && slot->task == task) slot->scopes = scopes;
}

static bool has_kept(const lp_ring *ring) {
    return atomic_load_explicit(&ring->written, memory_order_acquire)
        != atomic_load_explicit(&ring->taken, memory_order_relaxed);
}

static lp_interval *first_kept(lp_ring *ring) {
    return &ring->intervals[atomic_load_explicit(&ring->taken, memory_order_relaxed) % LP_KEPT_INTERVALS];
}

bool lp_next_interval(lp_interval *out) {
    pthread_mutex_lock(&taker_lock);
    lp_ring *oldest = NULL;
    int count = lp_slot_count();
    // Rings outlive the threads that wrote them, so free slots are looked at as well.
    for (int index = 0; index < count; index++) {
        lp_ring *ring = lp_slot_at(index)->ring;
        if (!has_kept(ring)) continue;
        if (oldest == NULL || first_kept(ring)->end_ns < first_kept(oldest)->end_ns) oldest = ring;
    }
    if (oldest != NULL) {
        *out = *first_kept(oldest);
        atomic_fetch_add_explicit(&oldest->taken, 1, memory_order_release);
    }
    pthread_mutex_unlock(&taker_lock);
    return oldest != NULL;
}

#endif
