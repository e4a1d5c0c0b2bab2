// The table of watched threads: who is in it, since when, and until when.
#include "probe_internal.h"

#include <time.h>

uint64_t lp_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#if LP_IS_SUPPORTED

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local lp_thread lp_this __attribute__((tls_model("initial-exec"), visibility("hidden")));

static lp_watched slots[LP_MAX_SLOTS];
static _Atomic int slot_count;
static uint64_t generations;
static uint64_t pool_threads;
static uint64_t refused_threads;
static bool is_child;
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t exit_key;
static pthread_once_t exit_key_once = PTHREAD_ONCE_INIT;

lp_watched *lp_slot_at(int slot) { return &slots[slot]; }

lp_watched *lp_current_slot(void) { return lp_this.slot; }

int lp_slot_count(void) { return atomic_load(&slot_count); }

void lp_lock_slots(void) { pthread_mutex_lock(&table_lock); }

void lp_unlock_slots(void) { pthread_mutex_unlock(&table_lock); }

bool lp_is_child(void) { return is_child; }

static void thread_ends(void *unused) {
    (void)unused;
    lp_unregister();
}

static void make_exit_key(void) { pthread_key_create(&exit_key, thread_ends); }

bool lp_find_stack(uint64_t *low, uint64_t *high) {
    if (lp_this.stack_high == 0) {
        pthread_attr_t attributes;
        void *start;
        size_t size;
        if (pthread_getattr_np(pthread_self(), &attributes) != 0) return false;
        int failure = pthread_attr_getstack(&attributes, &start, &size);
        pthread_attr_destroy(&attributes);
        if (failure != 0) return false;
        lp_this.stack_low = (uint64_t)start;
        lp_this.stack_high = (uint64_t)start + size;
    }
    *low = lp_this.stack_low;
    *high = lp_this.stack_high;
    return true;
}

static void copy_name(lp_watched *slot, const char *name) {
    memset(slot->name, 0, sizeof slot->name);
    if (name != NULL) {
        strncpy(slot->name, name, sizeof slot->name - 1);
    } else if (slot->kind == LP_POOL) {
        // Dispatch names its threads after queues, which says nothing about which one it is.
        snprintf(slot->name, sizeof slot->name, "pool-%u", (unsigned)++pool_threads);
    } else {
        prctl(PR_GET_NAME, slot->name, 0, 0, 0);
    }
}

static lp_watched *take_free_slot(void) {
    for (int index = 0; index < LP_MAX_SLOTS; index++) {
        lp_watched *slot = &slots[index];
        if (atomic_load(&slot->is_used)) continue;
        if (slot->ring == NULL && (slot->ring = lp_ring_make()) == NULL) return NULL;
        if (index >= atomic_load(&slot_count)) {
            pthread_mutex_init(&slot->capture_lock, NULL);
            atomic_store(&slot_count, index + 1);
        }
        return slot;
    }
    return NULL;
}

static void fill_slot(lp_watched *slot, uint8_t kind, const char *name) {
    slot->kind = kind;
    slot->thread_id = (int32_t)syscall(SYS_gettid);
    slot->generation = ++generations;
    slot->schedule_file = lp_open_schedule(slot->thread_id);
    if (pthread_getcpuclockid(pthread_self(), &slot->cpu_clock) != 0) slot->cpu_clock = -1;
    if (!lp_find_stack(&slot->stack_low, &slot->stack_high)) slot->stack_low = slot->stack_high = 0;
    copy_name(slot, name);
    lp_make_call_ring(slot);
    slot->depth = 0;
    slot->task = 0;
    slot->scopes = 0;
    slot->task_name[0] = 0;
    atomic_store(&slot->busy_since, 0);
    atomic_store(&slot->sequence, 0);
    atomic_store(&slot->busy_total_ns, 0);
    atomic_store(&slot->longest_ns, 0);
    atomic_store(&slot->noted.sequence, 0);
}

// Dispatch's workers block every signal, ours must reach them.
static void admit_signal(void) {
    if (lp_signal() == lp_this.admitted) return;
    lp_this.admitted = lp_signal();
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, lp_signal());
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

// A thread that is watched already: a loop outranks what it was registered as before, and a job may bear a new name.
static int register_again(lp_watched *slot, uint8_t kind, const char *name) {
    bool becomes_loop = kind == LP_EVENT_LOOP && slot->kind != LP_EVENT_LOOP && slot->kind != LP_HEARTBEAT;
    bool is_renamed = kind == LP_JOB && slot->kind == LP_JOB && name != NULL
        && strncmp(slot->name, name, sizeof slot->name - 1) != 0;
    if (becomes_loop || is_renamed) {
        lp_lock_slots();
        slot->kind = kind;
        copy_name(slot, name);
        lp_unlock_slots();
    }
    return (int)(slot - slots);
}

int lp_register_quietly(uint8_t kind, const char *name) {
    if (lp_this.slot != NULL) {
        // Its first job may have come before the signal was chosen: it would never answer.
        admit_signal();
        return register_again(lp_this.slot, kind, name);
    }
    pthread_once(&exit_key_once, make_exit_key);
    lp_lock_slots();
    if (is_child) {
        lp_unlock_slots();
        return LP_MISSING;
    }
    lp_watched *slot = take_free_slot();
    if (slot == NULL) {
        if (!lp_this.was_refused) refused_threads++;
        lp_this.was_refused = true;
        lp_unlock_slots();
        return LP_THREAD_LIMIT;
    }
    fill_slot(slot, kind, name);
    pthread_setspecific(exit_key, slot);
    lp_this.slot = slot;
    atomic_store(&slot->is_used, true);
    lp_unlock_slots();
    admit_signal();
    return (int)(slot - slots);
}

int lp_register(uint8_t kind, const char *name) {
    int index = lp_register_quietly(kind, name);
    // A loop runs the very task that registers it, so the interval under way would be lost otherwise.
    bool is_loop = index >= 0 && slots[index].kind == LP_EVENT_LOOP;
    if (is_loop && kind == LP_EVENT_LOOP && atomic_load(&slots[index].busy_since) == 0) lp_unpark(&slots[index]);
    return index;
}

int lp_register_for_heartbeat(void) {
    int index = lp_register_quietly(LP_HEARTBEAT, NULL);
    if (index < 0) return index;
    lp_watched *slot = &slots[index];
    lp_lock_slots();
    slot->kind = LP_HEARTBEAT;
    lp_unlock_slots();
    // A wait that is never seen ends no interval: the one that registering began isn't one.
    slot->depth = 0;
    atomic_store(&slot->busy_since, 0);
    return index;
}

uint64_t lp_refused_threads(void) {
    lp_lock_slots();
    uint64_t count = refused_threads;
    lp_unlock_slots();
    return count;
}

void lp_unregister(void) {
    lp_watched *slot = lp_this.slot;
    if (slot == NULL) return;
    lp_park(slot);
    // From here on the handler leaves the slot alone, so an open request is answered here: the thread is gone.
    lp_this.slot = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    lp_lock_slots();
    pthread_setspecific(exit_key, NULL);
    atomic_store(&slot->is_used, false);
    if (slot->schedule_file >= 0) close(slot->schedule_file);
    slot->schedule_file = -1;
    uint32_t requested = atomic_load(&slot->requested);
    if (atomic_load(&slot->answered) != requested) {
        slot->answer.generation = 0;
        atomic_store(&slot->answered, requested);
        lp_wake(&slot->answered);
    }
    lp_unlock_slots();
}

bool lp_slot(int index, lp_slot_state *out) {
    if (index < 0 || index >= lp_slot_count()) return false;
    lp_watched *slot = &slots[index];
    lp_lock_slots();
    bool is_used = atomic_load(&slot->is_used);
    if (is_used) {
        out->thread_id = slot->thread_id;
        out->kind = slot->kind;
        memcpy(out->name, slot->name, sizeof out->name);
        out->generation = slot->generation;
        // The sequence number is written first, so an unchanged start means that both are of one interval.
        do {
            out->busy_since = atomic_load(&slot->busy_since);
            out->sequence = atomic_load(&slot->sequence);
            out->scopes = atomic_load(&slot->scopes);
        } while (atomic_load(&slot->busy_since) != out->busy_since);
        out->busy_total_ns = atomic_load_explicit(&slot->busy_total_ns, memory_order_relaxed);
        out->longest_ns = atomic_load_explicit(&slot->longest_ns, memory_order_relaxed);
    }
    lp_unlock_slots();
    return is_used;
}

void lp_forget_everything(void) {
    is_child = true;
    lp_this.slot = NULL;
    int count = lp_slot_count();
    for (int index = 0; index < count; index++) {
        lp_watched *slot = &slots[index];
        if (atomic_load(&slot->is_used) && slot->schedule_file >= 0) close(slot->schedule_file);
        atomic_store(&slot->is_used, false);
    }
    atomic_store(&slot_count, 0);
}

#endif
