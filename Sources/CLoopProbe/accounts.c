// A thread's processor time and the time it waited for a processor, as the kernel counts them.
#include "probe_internal.h"

#if LP_IS_SUPPORTED

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { CPU_IS_KNOWN = 1, WAIT_IS_KNOWN = 2 };

int lp_open_schedule(int32_t thread_id) {
    if (lp_is_disabled("schedule")) return -1;
    char path[48];
    snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", (int)thread_id);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t read_number(const char **text) {
    uint64_t number = 0;
    while (**text == ' ') (*text)++;
    while (**text >= '0' && **text <= '9') number = number * 10 + (uint64_t)(*(*text)++ - '0');
    return number;
}

void lp_read_accounts(int schedule_file, clockid_t cpu_clock, lp_accounts *out) {
    *out = (lp_accounts){0};
    char text[96];
    ssize_t length = schedule_file < 0 ? -1 : pread(schedule_file, text, sizeof text - 1, 0);
    if (length > 0) {
        text[length] = 0;
        const char *rest = text;
        out->cpu_ns = read_number(&rest);
        out->wait_ns = read_number(&rest);
        // A kernel that doesn't count shows three zeros; a thread that runs has at least one time slice.
        out->is_wait_known = read_number(&rest) > 0;
        out->is_known = out->is_wait_known;
        if (!out->is_wait_known) out->wait_ns = 0;
    }
    // The clock counts to this very moment, the file only to the last change of threads.
    struct timespec time;
    if (cpu_clock != -1 && clock_gettime(cpu_clock, &time) == 0) {
        out->cpu_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
        out->is_known = true;
    }
}

bool lp_accounts_of(int index, lp_accounts *out) {
    if (index < 0 || index >= lp_slot_count()) return false;
    lp_watched *slot = lp_slot_at(index);
    // Under the lock, so that neither the descriptor nor the clock is another thread's by now.
    lp_lock_slots();
    bool is_used = atomic_load(&slot->is_used);
    if (is_used) lp_read_accounts(slot->schedule_file, slot->cpu_clock, out);
    lp_unlock_slots();
    return is_used;
}

void lp_note_accounts(int index, uint64_t sequence, lp_accounts accounts, uint64_t at_ns) {
    if (index < 0 || index >= lp_slot_count()) return;
    lp_watched *slot = lp_slot_at(index);
    lp_lock_slots();
    lp_noted_accounts *noted = &slot->noted;
    atomic_store(&noted->sequence, 0);
    atomic_store_explicit(&noted->at_ns, at_ns, memory_order_release);
    atomic_store_explicit(&noted->cpu_ns, accounts.cpu_ns, memory_order_release);
    atomic_store_explicit(&noted->wait_ns, accounts.wait_ns, memory_order_release);
    uint32_t known = (accounts.is_known ? CPU_IS_KNOWN : 0u) | (accounts.is_wait_known ? WAIT_IS_KNOWN : 0u);
    atomic_store_explicit(&noted->known, known, memory_order_release);
    atomic_store(&noted->sequence, sequence);
    lp_unlock_slots();
}

bool lp_noted_for(lp_watched *slot, uint64_t sequence, lp_accounts *out, uint64_t *at_ns) {
    lp_noted_accounts *noted = &slot->noted;
    if (atomic_load(&noted->sequence) != sequence) return false;
    *at_ns = atomic_load_explicit(&noted->at_ns, memory_order_acquire);
    out->cpu_ns = atomic_load_explicit(&noted->cpu_ns, memory_order_acquire);
    out->wait_ns = atomic_load_explicit(&noted->wait_ns, memory_order_acquire);
    uint32_t known = atomic_load_explicit(&noted->known, memory_order_acquire);
    out->is_known = (known & CPU_IS_KNOWN) != 0;
    out->is_wait_known = (known & WAIT_IS_KNOWN) != 0;
    // Written anew meanwhile: what was read may be of two intervals.
    if (atomic_load(&noted->sequence) == sequence) return true;
    *out = (lp_accounts){0};
    *at_ns = 0;
    return false;
}

#endif
