// What the files of CLoopProbe share with each other and with nobody else.
#ifndef PROBE_INTERNAL_H
#define PROBE_INTERNAL_H

#include "loop_probe.h"

#include <stdatomic.h>

// scripts/check-arm64 defines it as 0, to see that a platform without all this has what it needs.
#ifndef LP_IS_SUPPORTED
#if defined(__linux__) && defined(__GLIBC__)
#define LP_IS_SUPPORTED 1
#else
#define LP_IS_SUPPORTED 0
#endif
#endif

#if LP_IS_SUPPORTED && (defined(__x86_64__) || defined(__aarch64__))
#define LP_HAS_UNWINDER 1
#else
#define LP_HAS_UNWINDER 0
#endif

// Interposers must be seen by the shared libraries of the process, whatever the default visibility is.
#define LP_INTERPOSER __attribute__((visibility("default")))

#if LP_IS_SUPPORTED

#include <pthread.h>
#include <sys/types.h>
#include <time.h>

typedef struct lp_ring lp_ring;
typedef struct lp_call_ring lp_call_ring;

// The accounts that the watchdog noted, read by the thread while the watchdog may write them anew.
typedef struct {
    _Atomic uint64_t sequence;  // of the interval they belong to; 0 while they are written
    _Atomic uint64_t at_ns;
    _Atomic uint64_t cpu_ns;
    _Atomic uint64_t wait_ns;
    _Atomic uint32_t known;  // bit 0: processor time, bit 1: wait
} lp_noted_accounts;

// A watched thread. Fields are grouped by who writes them.
typedef struct {
    // The thread alone.
    _Atomic uint64_t busy_since;
    _Atomic uint64_t sequence;
    _Atomic uint64_t busy_total_ns;
    _Atomic uint64_t longest_ns;
    uint32_t depth;  // of lp_begin without its lp_end
    uintptr_t task;
    _Atomic uint64_t scopes;
    char task_name[LP_NAME_BYTES];
    lp_ring *ring;
    _Atomic(lp_call_ring *) calls;  // null until calls are watched; then kept

    // Whoever holds the lock of the table. The thread reads its own without it.
    _Atomic bool is_used;
    uint8_t kind;
    int32_t thread_id;
    int schedule_file;
    clockid_t cpu_clock;
    uint64_t generation;
    uint64_t stack_low;
    uint64_t stack_high;
    char name[16];

    // The watchdog.
    lp_noted_accounts noted;

    // A request is open while the two differ. The answer belongs to the handler while one is open.
    _Atomic uint32_t requested;
    _Atomic uint32_t answered;
    pthread_mutex_t capture_lock;
    lp_capture_result answer;
} __attribute__((aligned(64))) lp_watched;

typedef struct {
    lp_watched *slot;
    _Atomic uint32_t interruptions;  // system calls that our signal ended
    uint32_t refused_round;          // of lp_watch_loops, in which the thread was found to be no loop
    bool was_refused;                // since all slots were in use
    int admitted;                    // the signal that it lets through for us
    bool is_in_call;                 // one that will be told; what it calls itself is not
    uint64_t stack_low;              // 0 until they are asked for
    uint64_t stack_high;
} lp_thread;

// Initial-exec, because any other model may allocate at the first access, which the signal handler must not.
extern _Thread_local lp_thread lp_this __attribute__((tls_model("initial-exec"), visibility("hidden")));

// ---- the table (slots.c)
lp_watched *lp_slot_at(int slot);           // without the lock: only atomics may be read
lp_watched *lp_current_slot(void);          // null for a thread that isn't watched
void lp_lock_slots(void);                   // shared by the lives of slots and the sending of signals
void lp_unlock_slots(void);
int lp_register_quietly(uint8_t kind, const char *name);  // begins no interval
bool lp_find_stack(uint64_t *low, uint64_t *high);        // of the calling thread; kept after the first time
void lp_forget_everything(void);            // in the child of a fork; the lock is held
bool lp_is_child(void);

// ---- intervals (intervals.c)
lp_ring *lp_ring_make(void);
void lp_begin_job(uintptr_t task, const char *task_name, uint64_t scopes);  // lp_begin; the name is copied, may be null
void lp_begin_at(lp_watched *slot, uint64_t now);
void lp_end_at(lp_watched *slot, uint64_t now);
void lp_park(lp_watched *slot);    // ends the interval whatever its depth
void lp_unpark(lp_watched *slot);  // begins one, at depth 1

// ---- calls that may block (strict.c, strict_real.c)
extern _Atomic int lp_strictness_now;
void lp_make_call_ring(lp_watched *slot);  // if calls are watched; the lock is held
void lp_find_real_calls(void);             // all that we stand in front of, so that no wait begins with a search

// ---- the watchdog's sleep (doze.c)
extern _Atomic uint32_t lp_watchdog_dozes;
void lp_end_doze(void);

// ---- accounts (accounts.c)
int lp_open_schedule(int32_t thread_id);
void lp_read_accounts(int schedule_file, clockid_t cpu_clock, lp_accounts *out);
bool lp_noted_for(lp_watched *slot, uint64_t sequence, lp_accounts *out, uint64_t *at_ns);

// ---- loops (epoll.c)
uint32_t lp_watch_round(void);  // 0 while loops don't register themselves
void lp_stop_watching_loops(void);

// ---- memory and signal (memory.c, capture.c)
bool lp_safe_read(uint64_t address, void *out, size_t size);  // false for what isn't mapped; safe in a handler
void lp_wake(_Atomic uint32_t *word);                         // futex; errno is kept
void lp_wait(_Atomic uint32_t *word, uint32_t value, uint64_t timeout_ns);
int lp_signal(void);          // 0 before lp_start
int lp_install_handler(int first_signal);

// ---- shields (shields.c)
extern _Atomic bool lp_shields_are_on;
extern _Atomic uint64_t lp_shield_count;
bool lp_is_refused(int mechanism);  // whether its check failed (selfcheck.c)
const void *const *const *lp_interposers(void);  // keeps the linker from dropping them

static inline uint32_t lp_interruptions(void) {
    return atomic_load_explicit(&lp_this.interruptions, memory_order_relaxed);
}

// Whether the call that has just failed with EINTR is to be made again, because our signal ended it.
static inline bool lp_must_restart(uint32_t before) {
    if (lp_interruptions() == before) return false;
    if (!atomic_load_explicit(&lp_shields_are_on, memory_order_relaxed) || lp_is_refused(LP_SHIELDS)) return false;
    atomic_fetch_add_explicit(&lp_shield_count, 1, memory_order_relaxed);
    return true;
}

#endif

#endif
