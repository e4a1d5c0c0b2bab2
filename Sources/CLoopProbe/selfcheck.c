// Each mechanism shows in this process that it works, before anyone relies on it.
#include "probe_internal.h"

#include <stdlib.h>
#include <string.h>

bool lp_is_disabled(const char *mechanism) {
    const char *list = getenv("LOOPWATCH_DISABLE");
    size_t length = strlen(mechanism);
    while (list != NULL && *list != 0) {
        const char *end = strchr(list, ',');
        size_t item = end == NULL ? strlen(list) : (size_t)(end - list);
        if (item == length && memcmp(list, mechanism, length) == 0) return true;
        list = end == NULL ? NULL : end + 1;
    }
    return false;
}

#if LP_IS_SUPPORTED

#include "unwind.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

// A thread that waits in a function of ours until its pipe is written to.
typedef struct {
    _Atomic uint32_t is_ready;
    int slot;
    int pipe[2];
    int polled;  // what the call gave
    _Atomic uint32_t *interruptions;
    lp_slot_state before;
    lp_slot_state after;
} subject;

#define TIME_TO_START_NS 1000000000u
#define TIME_TO_ANSWER_NS 100000000u
#define MOST_ATTEMPTS 200

static void announce(subject *self) {
    atomic_store(&self->is_ready, 1);
    lp_wake(&self->is_ready);
}

__attribute__((noinline)) static void wait_in_our_function(subject *self) {
    struct pollfd end = {self->pipe[0], POLLIN, 0};
    announce(self);
    self->polled = poll(&end, 1, -1);
    // Not a tail call, so that this function is in the stack.
    __asm__ volatile("" ::: "memory");
}

static void *be_captured(void *context) {
    subject *self = context;
    self->slot = lp_register(LP_JOB, "self-check");
    self->interruptions = &lp_this.interruptions;
    lp_begin();
    if (self->slot < 0) {
        announce(self);
    } else {
        wait_in_our_function(self);
    }
    lp_unregister();
    return NULL;
}

static void *be_a_loop(void *context) {
    subject *self = context;
    self->slot = lp_register(LP_EVENT_LOOP, "self-check");
    if (self->slot >= 0) {
        struct epoll_event event;
        int file = epoll_create1(EPOLL_CLOEXEC);
        lp_slot(self->slot, &self->before);
        epoll_wait(file, &event, 1, 0);
        lp_slot(self->slot, &self->after);
        close(file);
    }
    lp_unregister();
    return NULL;
}

static bool loop_probe_works(void) {
    subject self = {.slot = -1};
    pthread_t thread;
    if (pthread_create(&thread, NULL, be_a_loop, &self) != 0) return false;
    pthread_join(thread, NULL);
    return self.slot >= 0 && self.after.sequence == self.before.sequence + 1;
}

static bool names_our_function(const lp_stack *stack) {
    // Functions of this file lie within some hundred bytes of code; the next one begins far below this.
    uint64_t start = (uint64_t)(uintptr_t)wait_in_our_function;
    for (int index = 0; index < stack->count; index++) {
        if (stack->addresses[index] > start && stack->addresses[index] < start + 256) return true;
    }
    return false;
}

// Starts a thread that waits, runs a check on it, and ends it.
static bool with_waiting_thread(bool (*check)(subject *)) {
    subject self = {.slot = -1};
    pthread_t thread;
    if (lp_start(0) < 0 || pipe2(self.pipe, O_CLOEXEC) != 0) return false;
    bool works = pthread_create(&thread, NULL, be_captured, &self) == 0;
    if (works) {
        uint64_t deadline = lp_now() + TIME_TO_START_NS;
        while (atomic_load(&self.is_ready) == 0 && lp_now() < deadline) lp_wait(&self.is_ready, 0, TIME_TO_START_NS);
        works = atomic_load(&self.is_ready) != 0 && self.slot >= 0 && check(&self);
        works = write(self.pipe[1], "", 1) == 1 && works;
        pthread_join(thread, NULL);
        works = works && self.polled == 1;
    }
    close(self.pipe[0]);
    close(self.pipe[1]);
    return works;
}

static bool is_captured_in_our_function(subject *self) {
    lp_capture_result result;
    return lp_capture(self->slot, TIME_TO_ANSWER_NS, &result) > 0 && names_our_function(&result.stack);
}

// Captured until the signal ended the call it waits in; the caller sees then whether it was made again.
static bool is_shielded(subject *self) {
    lp_capture_result result;
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        if (lp_capture(self->slot, TIME_TO_ANSWER_NS, &result) < 0) return false;
        if (atomic_load(self->interruptions) != 0) return true;
        sched_yield();
    }
    return false;
}

static bool stacks_work(void) { return with_waiting_thread(is_captured_in_our_function); }

static bool shields_work(void) { return with_waiting_thread(is_shielded); }

static bool async_callers_work(void) {
#if LP_HAS_UNWINDER
    uint64_t outer[2] = {0, 0x40000};
    uint64_t inner[2] = {(uint64_t)(uintptr_t)outer, 0x50000};
    uint64_t found[4];
    uint64_t unmapped;
    return lp_walk_async((uint64_t)(uintptr_t)inner, found, 4) == 2 && found[0] == 0x50000 && found[1] == 0x40000
        && !lp_safe_read(8, &unmapped, sizeof unmapped);
#else
    return false;
#endif
}

static void *read_own_accounts(void *context) {
    lp_accounts *accounts = context;
    int slot = lp_register(LP_JOB, "self-check");
    if (slot >= 0) lp_accounts_of(slot, accounts);
    lp_unregister();
    return NULL;
}

static bool schedule_works(void) {
    lp_accounts accounts = {0};
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_own_accounts, &accounts) != 0) return false;
    pthread_join(thread, NULL);
    return accounts.is_known && accounts.is_wait_known && accounts.cpu_ns > 0;
}

static _Atomic uint32_t refused;  // a bit a mechanism

bool lp_is_refused(int mechanism) {
    return (atomic_load_explicit(&refused, memory_order_relaxed) >> mechanism & 1) != 0;
}

static void refuse(int mechanism, bool is_refused) {
    uint32_t bit = (uint32_t)1 << mechanism;
    if (is_refused) {
        atomic_fetch_or(&refused, bit);
    } else {
        atomic_fetch_and(&refused, ~bit);
    }
}

static bool check(int mechanism) {
    switch (mechanism) {
    case LP_LOOP_PROBE: return !lp_is_disabled("loops") && loop_probe_works();
    case LP_STACKS: return !lp_is_disabled("stacks") && stacks_work();
    case LP_ASYNC_CALLERS: return !lp_is_disabled("async") && async_callers_work();
    case LP_SCHEDULE: return !lp_is_disabled("schedule") && schedule_works();
    case LP_SHIELDS: return !lp_is_disabled("shields") && shields_work();
    default: return false;
    }
}

bool lp_self_check(int mechanism) {
    if (mechanism < LP_LOOP_PROBE || mechanism > LP_SHIELDS) return false;
    // The check itself uses what it checks.
    refuse(mechanism, false);
    bool works = check(mechanism);
    // Shields that fail are of use all the same; a test may have put them down while this one looks.
    refuse(mechanism, mechanism == LP_SHIELDS ? lp_is_disabled("shields") : !works);
    return works;
}

#endif
