#include "document.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

// Sizes come from malloc_usable_size: what the process really holds, and no header of our own.

/// A document stays on one thread, so this needs no atomics.
static _Thread_local int64_t live_on_thread;

uint64_t cmupdf_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t cmupdf_live_memory(void) { return live_on_thread; }

bool cmupdf_tune_memory(void) {
    // Both: setting either ends glibc's own adapting, and each alone leaves buffers of an image's size to
    // be mapped or trimmed, faulted in and given back for every image.
    return mallopt(M_MMAP_THRESHOLD, 32 << 20) == 1 && mallopt(M_TRIM_THRESHOLD, 64 << 20) == 1;
}

static CMuPDFStatus stop(memory_guard *memory, CMuPDFStatus status) {
    memory->stopped = status;
    __atomic_store_n(&memory->cancellation->cookie.abort, 1, __ATOMIC_RELAXED);
    return status;
}

CMuPDFStatus check_stop(memory_guard *memory, bool ask_clock) {
    if (memory->stopped != CMuPDFStatusDone)
        return memory->stopped;
    if (atomic_load_explicit(&memory->cancellation->cancelled, memory_order_relaxed))
        return stop(memory, CMuPDFStatusCancelled);
    if (ask_clock && memory->limits.deadline && cmupdf_now() > memory->limits.deadline)
        return stop(memory, CMuPDFStatusDeadline);
    return CMuPDFStatusDone;
}

/// How far code that must not be refused may go past the limit.
static const size_t exempt_memory = 64 << 20;

static bool fits(const memory_guard *memory, size_t growth, size_t limit) {
    return growth <= limit && memory->live <= limit - growth;
}

/// Whether the limits allow `growth` more bytes.
static bool allowed(memory_guard *memory, size_t growth) {
    size_t limit = memory->limits.memory;
    if (memory->exemptions > 0)
        return limit > SIZE_MAX - exempt_memory || fits(memory, growth, limit + exempt_memory);
    memory->allocations++;
    // Asking the clock costs about as much as an allocation: each 64th one, and each large one.
    bool ask_clock = memory->allocations % 64 == 0 || growth > 1u << 20;
    if (check_stop(memory, ask_clock) != CMuPDFStatusDone)
        return false;
    if (memory->allocations == memory->limits.failing_allocation)
        return false;
    return fits(memory, growth, limit);
}

/// Ends the document where there was no memory.
///
/// MuPDF would empty its store and ask again, or go on without telling: then the text would silently miss
/// something. The store is small beside the limit, so that asking again isn't worth the doubt.
static void *given(memory_guard *memory, void *block) {
    if (!block && memory->stopped == CMuPDFStatusDone)
        stop(memory, CMuPDFStatusNoMemory);
    return block;
}

static void count(memory_guard *memory, size_t before, size_t after) {
    memory->live = memory->live - before + after;
    if (memory->live > memory->peak)
        memory->peak = memory->live;
    live_on_thread += (int64_t)after - (int64_t)before;
}

static void *guarded_malloc(void *user, size_t size) {
    memory_guard *memory = user;
    void *block = given(memory, allowed(memory, size) ? malloc(size) : NULL);
    if (block)
        count(memory, 0, malloc_usable_size(block));
    return block;
}

static void guarded_free(void *user, void *block) {
    if (!block)
        return;
    count(user, malloc_usable_size(block), 0);
    free(block);
}

static void *guarded_realloc(void *user, void *block, size_t size) {
    memory_guard *memory = user;
    if (!block)
        return guarded_malloc(user, size);
    if (size == 0) {
        guarded_free(user, block);
        return NULL;
    }
    size_t before = malloc_usable_size(block);
    bool may_grow = size <= before || allowed(memory, size - before);
    void *moved = given(memory, may_grow ? realloc(block, size) : NULL);
    if (moved)
        count(memory, before, malloc_usable_size(moved));
    return moved;
}

fz_alloc_context guarded_allocator(memory_guard *memory) {
    return (fz_alloc_context){memory, guarded_malloc, guarded_realloc, guarded_free};
}
