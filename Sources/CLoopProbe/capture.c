// Stacks of watched threads, taken by a signal whose handler unwinds its own thread, and of the calling thread.
#include "unwind.h"

#if LP_IS_SUPPORTED

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int installed_signal;

int lp_signal(void) { return atomic_load_explicit(&installed_signal, memory_order_relaxed); }

#if LP_HAS_UNWINDER

// What a call may use below the stack pointer without moving it.
#define RED_ZONE 128

static lp_stack_window window_of(uint64_t pointer, uint64_t low, uint64_t high) {
    // On another stack, as a handler's own, nothing is known to be mapped.
    if (pointer < low || pointer >= high) return (lp_stack_window){0, 0};
    return (lp_stack_window){pointer - RED_ZONE, high};
}

static void answer(lp_watched *slot, const void *context) {
    uint32_t requested = atomic_load(&slot->requested);
    // A stray or late signal.
    if (requested == atomic_load(&slot->answered)) return;
    lp_capture_result *result = &slot->answer;
    result->taken_ns = lp_now();
    result->generation = slot->generation;
    bool is_busy = atomic_load(&slot->busy_since) != 0;
    result->sequence = is_busy ? atomic_load(&slot->sequence) : 0;
    lp_registers registers;
    lp_registers_of(context, &registers);
    uint64_t pointer = registers.value[LP_STACK_POINTER];
    lp_unwind(&registers, false, window_of(pointer, slot->stack_low, slot->stack_high), &result->stack);
    result->handler_ns = lp_now() - result->taken_ns;
    atomic_store(&slot->answered, requested);
    lp_wake(&slot->answered);
}

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    int kept = errno;
    if (lp_ended_a_call(context)) {
        uint32_t count = atomic_load_explicit(&lp_this.interruptions, memory_order_relaxed);
        atomic_store_explicit(&lp_this.interruptions, count + 1, memory_order_relaxed);
    }
    lp_watched *slot = lp_this.slot;
    if (slot != NULL) answer(slot, context);
    errno = kept;
}

int lp_install_handler(int first_signal) {
    int first = first_signal > 0 ? first_signal : SIGRTMIN + 7;
    for (int signal = first; signal <= SIGRTMAX; signal++) {
        struct sigaction action;
        if (sigaction(signal, NULL, &action) != 0) continue;
        if ((action.sa_flags & SA_SIGINFO) != 0 || action.sa_handler != SIG_DFL) continue;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = on_signal;
        action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
        sigfillset(&action.sa_mask);
        // The handler must not be the first to call anything through the linker's table, which locks.
        lp_stack unused;
        uint64_t word = 0;
        lp_capture_self(&unused);
        lp_safe_read((uint64_t)(uintptr_t)&word, &word, sizeof word);
        if (sigaction(signal, &action, NULL) != 0) continue;
        atomic_store(&installed_signal, signal);
        return signal;
    }
    return LP_SIGNAL_TAKEN;
}

// Sends the request, under the lock that thread ends take, so that no other thread can have the number by now.
static int send_request(lp_watched *slot, uint32_t *request, uint64_t *generation) {
    lp_lock_slots();
    int result = LP_GONE;
    if (atomic_load(&slot->is_used)) {
        *request = atomic_load(&slot->answered) + 1;
        *generation = slot->generation;
        atomic_store(&slot->requested, *request);
        if (syscall(SYS_tgkill, syscall(SYS_getpid), slot->thread_id, lp_signal()) == 0) {
            result = 0;
        } else {
            atomic_store(&slot->requested, *request - 1);
        }
    }
    lp_unlock_slots();
    return result;
}

static bool await_answer(lp_watched *slot, uint32_t request, uint64_t timeout_ns) {
    uint64_t deadline = lp_now() + timeout_ns;
    for (;;) {
        uint32_t answered = atomic_load(&slot->answered);
        if (answered == request) return true;
        uint64_t now = lp_now();
        if (now >= deadline) return false;
        lp_wait(&slot->answered, answered, deadline - now);
    }
}

static int capture_locked(lp_watched *slot, int index, uint64_t timeout_ns, lp_capture_result *out) {
    // An earlier request that is still open: the answer's place is the handler's until it comes or the thread ends.
    if (atomic_load(&slot->requested) != atomic_load(&slot->answered)) return LP_TIMED_OUT;
    uint32_t request = 0;
    uint64_t generation = 0;
    int sent = send_request(slot, &request, &generation);
    if (sent < 0) return sent;
    if (!await_answer(slot, request, timeout_ns)) return LP_TIMED_OUT;
    if (slot->answer.generation != generation) return LP_GONE;
    *out = slot->answer;
    if (!lp_accounts_of(index, &out->accounts)) out->accounts = (lp_accounts){0};
    return out->stack.count;
}

int lp_capture(int index, uint64_t timeout_ns, lp_capture_result *out) {
    if (lp_signal() == 0 || lp_is_refused(LP_STACKS)) return LP_MISSING;
    if (index < 0 || index >= lp_slot_count()) return LP_GONE;
    int kept = errno;
    lp_watched *slot = lp_slot_at(index);
    pthread_mutex_lock(&slot->capture_lock);
    int result = capture_locked(slot, index, timeout_ns, out);
    pthread_mutex_unlock(&slot->capture_lock);
    errno = kept;
    return result;
}

__attribute__((noinline)) int lp_capture_self(lp_stack *out) {
    int kept = errno;
    lp_registers registers = {0};
    uint64_t low = 0;
    uint64_t high = 0;
    lp_find_stack(&low, &high);
    lp_registers_here(&registers);
    uint64_t pointer = registers.value[LP_STACK_POINTER];
    lp_unwind(&registers, true, window_of(pointer, low, high), out);
    // The innermost frame is this function's.
    if (out->count > 0) {
        out->count -= 1;
        memmove(out->addresses, out->addresses + 1, (size_t)out->count * sizeof out->addresses[0]);
        memmove(out->kinds, out->kinds + 1, (size_t)out->count);
    }
    errno = kept;
    return out->count;
}

#else

int lp_install_handler(int first_signal) {
    (void)first_signal;
    return LP_MISSING;
}

#endif

#endif
