// Platforms without these mechanisms: everything is missing, and says so.
#include "probe_internal.h"

#if !LP_IS_SUPPORTED

#include <time.h>

int lp_start(int signal) {
    (void)signal;
    return LP_MISSING;
}

void lp_watch_loops(bool on) { (void)on; }

int lp_register(uint8_t kind, const char *name) {
    (void)kind, (void)name;
    return LP_MISSING;
}

int lp_register_for_heartbeat(void) { return LP_MISSING; }

uint64_t lp_refused_threads(void) { return 0; }

void lp_unregister(void) {}
void lp_begin(void) {}
void lp_end(void) {}
uint64_t lp_mark(void) { return lp_now(); }
void lp_set_threshold(uint64_t ns) { (void)ns; }
int lp_slot_count(void) { return 0; }

bool lp_slot(int slot, lp_slot_state *out) {
    (void)slot, (void)out;
    return false;
}

bool lp_accounts_of(int slot, lp_accounts *out) {
    (void)slot, (void)out;
    return false;
}

void lp_note_accounts(int slot, uint64_t sequence, lp_accounts accounts, uint64_t at_ns) {
    (void)slot, (void)sequence, (void)accounts, (void)at_ns;
}

bool lp_next_interval(lp_interval *out) {
    (void)out;
    return false;
}

uint64_t lp_dropped_intervals(void) { return 0; }

// Nobody becomes busy here, and nobody can wake the watchdog: it looks for orders by itself.
bool lp_sleep_until_busy(uint64_t timeout_ns) {
    const uint64_t longest = 10000000;
    uint64_t rest = timeout_ns < longest ? timeout_ns : longest;
    nanosleep(&(struct timespec){0, (long)rest}, NULL);
    return false;
}

void lp_sleep_until_called(uint64_t timeout_ns) { (void)lp_sleep_until_busy(timeout_ns); }

void lp_wake_watchdog(void) {}
void lp_refresh_modules(void) {}

bool lp_module_of(uint64_t address, char *path, size_t capacity, uint64_t *offset) {
    (void)address, (void)path, (void)capacity, (void)offset;
    return false;
}

uint64_t lp_shield_restarts(void) { return 0; }

bool lp_shield(bool on) {
    (void)on;
    return false;
}

void lp_watch_calls(int strictness, bool anew) { (void)strictness, (void)anew; }

bool lp_next_call(lp_blocking_call *out) {
    (void)out;
    return false;
}

uint64_t lp_call_count(int slot, int site) {
    (void)slot, (void)site;
    return 0;
}

uint64_t lp_dropped_calls(void) { return 0; }

int lp_unseen_calls(char *names, size_t capacity) {
    if (capacity > 0) names[0] = 0;
    return LP_MISSING;
}

bool lp_self_check(int mechanism) {
    (void)mechanism;
    return false;
}

#endif

#if !LP_HAS_UNWINDER

int lp_capture(int slot, uint64_t timeout_ns, lp_capture_result *out) {
    (void)slot, (void)timeout_ns, (void)out;
    return LP_MISSING;
}

int lp_capture_self(lp_stack *out) {
    out->count = 0;
    return LP_MISSING;
}

#endif
