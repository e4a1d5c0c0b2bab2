// Strict mode: calls that may block, told by the thread that makes them.
//
// The thread never waits here: it alone writes its ring and its sites, and a full ring counts what it drops.
#include "strict.h"

#if LP_IS_SUPPORTED

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

// The calls of one stack in one set of scopes.
typedef struct {
    uint64_t hash;  // 0 for a free place
    _Atomic uint64_t count;
    uint32_t told_round;  // of lp_watch_calls
} call_site;

struct lp_call_ring {
    _Atomic uint64_t written;  // by the thread
    _Atomic uint64_t taken;    // under the lock of the takers

    // The call under way; the thread alone.
    int strictness;
    uint64_t start_ns;
    lp_accounts before;
    lp_stack stack;

    uint32_t sites_round;  // of strictness, in which the sites were found; the thread alone
    call_site sites[LP_CALL_SITES];
    lp_blocking_call calls[LP_KEPT_CALLS];
};

_Atomic int lp_strictness_now;
static _Atomic uint32_t round_of_telling = 1;
static _Atomic uint32_t round_of_sites;  // raised each time that calls are told again
static _Atomic uint64_t dropped;
static pthread_mutex_t taker_lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t lp_dropped_calls(void) { return atomic_load(&dropped); }

void lp_make_call_ring(lp_watched *slot) {
    if (atomic_load(&lp_strictness_now) == LP_STRICT_OFF || atomic_load(&slot->calls) != NULL) return;
    // Without memory its calls are not told.
    atomic_store(&slot->calls, calloc(1, sizeof(lp_call_ring)));
}

void lp_watch_calls(int strictness, bool anew) {
    if (lp_is_disabled("calls")) strictness = LP_STRICT_OFF;
    // Nobody counts the calls of sites that were found before.
    if (strictness != LP_STRICT_OFF && atomic_load(&lp_strictness_now) == LP_STRICT_OFF) {
        atomic_fetch_add(&round_of_sites, 1);
    }
    atomic_store(&lp_strictness_now, strictness);
    if (anew) atomic_fetch_add(&round_of_telling, 1);
    if (strictness == LP_STRICT_OFF) return;
    lp_lock_slots();
    int count = lp_slot_count();
    for (int index = 0; index < count; index++) {
        if (atomic_load(&lp_slot_at(index)->is_used)) lp_make_call_ring(lp_slot_at(index));
    }
    lp_unlock_slots();
}

int lp_strictness_of(int file) {
    int kept = errno;
    struct stat status;
    int strictness = LP_STRICT_OFF;
    if (fstat(file, &status) == 0) {
        switch (status.st_mode & S_IFMT) {
        case S_IFREG:
        case S_IFBLK: strictness = LP_STRICT_FILES; break;
        // Descriptors of the kernel's own kinds, as of eventfd, have no type.
        case S_IFSOCK:
        case S_IFIFO:
        case 0: strictness = lp_socket_waits(file, 0) ? LP_STRICT_CALLS : LP_STRICT_OFF; break;
        default: break;
        }
    }
    errno = kept;
    return strictness;
}

bool lp_socket_waits(int file, int flags) {
    if ((flags & MSG_DONTWAIT) != 0) return false;
    int kept = errno;
    int status = fcntl(file, F_GETFL);
    errno = kept;
    return status >= 0 && (status & O_NONBLOCK) == 0;
}

// There is room for so many sites that one set of watchers finds, not for those of a whole life.
static void free_old_sites(lp_call_ring *ring) {
    uint32_t round = atomic_load(&round_of_sites);
    if (ring->sites_round == round) return;
    for (int index = 0; index < LP_CALL_SITES; index++) {
        call_site *site = &ring->sites[index];
        site->hash = 0;
        site->told_round = 0;
        atomic_store_explicit(&site->count, 0, memory_order_relaxed);
    }
    ring->sites_round = round;
}

void lp_call_begins(const char **call, const char *name, int strictness) {
    if (strictness == LP_STRICT_OFF || strictness > atomic_load_explicit(&lp_strictness_now, memory_order_relaxed)) {
        return;
    }
    lp_watched *slot = lp_this.slot;
    lp_call_ring *ring = atomic_load_explicit(&slot->calls, memory_order_acquire);
    if (ring == NULL) return;
    int kept = errno;
    // Reading the accounts is a call on a file.
    lp_this.is_in_call = true;
    free_old_sites(ring);
    ring->strictness = strictness;
    lp_read_accounts(slot->schedule_file, CLOCK_THREAD_CPUTIME_ID, &ring->before);
    ring->start_ns = lp_now();
    *call = name;
    errno = kept;
}

static uint64_t mixed(uint64_t hash, uint64_t value) {
    // The multiplier of FNV-1a, for words instead of bytes; the shift brings high bits down.
    hash = (hash ^ value) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

// Two scopes each want to be told of a call that both their tasks make from one place.
static uint64_t hash_of(const lp_stack *stack, const char *name, uint64_t scopes) {
    uint64_t hash = mixed(mixed(0xcbf29ce484222325u, (uint64_t)(uintptr_t)name), scopes);
    for (int index = 0; index < stack->count; index++) hash = mixed(hash, stack->addresses[index]);
    return hash == 0 ? 1 : hash;
}

static call_site *site_of(lp_call_ring *ring, uint64_t hash) {
    for (uint64_t step = 0; step < LP_CALL_SITES; step++) {
        call_site *site = &ring->sites[(hash + step) % LP_CALL_SITES];
        if (site->hash == 0) site->hash = hash;
        if (site->hash == hash) return site;
    }
    return NULL;
}

static void fill(lp_blocking_call *call, lp_watched *slot, const lp_call_ring *ring, const char *name) {
    memset(call, 0, sizeof *call);
    call->slot = (int32_t)(slot - lp_slot_at(0));
    call->thread_id = slot->thread_id;
    call->kind = slot->kind;
    call->strictness = (uint8_t)ring->strictness;
    memcpy(call->name, slot->name, sizeof call->name);
    strncpy(call->call, name, sizeof call->call - 1);
    call->generation = slot->generation;
    call->start_ns = ring->start_ns;
    call->before = ring->before;
    memcpy(call->task_name, slot->task_name, sizeof call->task_name);
    call->scopes = slot->scopes;
    call->stack = ring->stack;
}

static void tell(lp_watched *slot, lp_call_ring *ring, const char *name) {
    uint64_t end = lp_now();
    lp_accounts after;
    lp_read_accounts(slot->schedule_file, CLOCK_THREAD_CPUTIME_ID, &after);
    if (lp_capture_self(&ring->stack) < 0) ring->stack.count = 0;
    call_site *site = site_of(ring, hash_of(&ring->stack, name, slot->scopes));
    if (site == NULL) {
        atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
        return;
    }
    uint64_t before = atomic_fetch_add_explicit(&site->count, 1, memory_order_relaxed);
    uint32_t round = atomic_load(&round_of_telling);
    if (site->told_round == round) return;
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (written - atomic_load_explicit(&ring->taken, memory_order_acquire) >= LP_KEPT_CALLS) {
        // The site's next call has another chance.
        atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
        return;
    }
    lp_blocking_call *call = &ring->calls[written % LP_KEPT_CALLS];
    fill(call, slot, ring, name);
    call->site = (int32_t)(site - ring->sites);
    call->count_before = before;
    call->end_ns = end;
    call->after = after;
    site->told_round = round;
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

__attribute__((noinline, cold)) void lp_tell_call(const char *name) {
    int kept = errno;
    lp_watched *slot = lp_this.slot;
    lp_call_ring *ring = slot == NULL ? NULL : atomic_load_explicit(&slot->calls, memory_order_relaxed);
    if (ring != NULL) tell(slot, ring, name);
    lp_this.is_in_call = false;
    errno = kept;
}

static bool has_kept(lp_call_ring *ring) {
    return ring != NULL
        && atomic_load_explicit(&ring->written, memory_order_acquire)
        != atomic_load_explicit(&ring->taken, memory_order_relaxed);
}

static lp_blocking_call *first_kept(lp_call_ring *ring) {
    return &ring->calls[atomic_load_explicit(&ring->taken, memory_order_relaxed) % LP_KEPT_CALLS];
}

bool lp_next_call(lp_blocking_call *out) {
    pthread_mutex_lock(&taker_lock);
    lp_call_ring *oldest = NULL;
    int count = lp_slot_count();
    for (int index = 0; index < count; index++) {
        lp_call_ring *ring = atomic_load(&lp_slot_at(index)->calls);
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

uint64_t lp_call_count(int slot, int site) {
    if (slot < 0 || slot >= lp_slot_count() || site < 0 || site >= LP_CALL_SITES) return 0;
    lp_call_ring *ring = atomic_load(&lp_slot_at(slot)->calls);
    return ring == NULL ? 0 : atomic_load_explicit(&ring->sites[site].count, memory_order_relaxed);
}

#endif
