#include "document.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

// Sizes come from malloc_usable_size: what the process really holds, and no header of our own.

static _Atomic(int64_t) live_in_process;

uint64_t cmupdf_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t cmupdf_live_memory(void) { return atomic_load(&live_in_process); }

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
    if (memory->stopped == CMuPDFStatusCancelled || memory->stopped == CMuPDFStatusDeadline)
        return memory->stopped;
    if (atomic_load_explicit(&memory->cancellation->cancelled, memory_order_relaxed))
        return stop(memory, CMuPDFStatusCancelled);
    if (ask_clock && memory->limits.deadline && cmupdf_now() > memory->limits.deadline)
        return stop(memory, CMuPDFStatusDeadline);
    return CMuPDFStatusDone;
}

CMuPDFStatus final_stop(memory_guard *memory) {
    if (memory->refused && memory->stopped == CMuPDFStatusDone)
        memory->stopped = CMuPDFStatusNoMemory;
    return memory->stopped;
}

/// Whether the limits allow `growth` more bytes.
static bool allowed(memory_guard *memory, size_t growth) {
    if (!memory->armed)
        return true;
    memory->allocations++;
    // Asking the clock costs about as much as an allocation: each 64th one, and each large one.
    bool ask_clock = memory->allocations % 64 == 0 || growth > 1u << 20;
    if (check_stop(memory, ask_clock) != CMuPDFStatusDone)
        return false;
    if (memory->allocations == memory->limits.failing_allocation)
        return false;
    return growth <= memory->limits.memory && memory->live <= memory->limits.memory - growth;
}

/// Notes how an allocation of `size` ended.
///
/// MuPDF answers a refusal by dropping things from its store and asking for the same size again. Any other
/// size means that it gave up, perhaps without telling: then the text would silently miss something.
static void settle(memory_guard *memory, size_t size, bool given) {
    if (memory->refused && memory->refused != size && memory->stopped == CMuPDFStatusDone)
        memory->stopped = CMuPDFStatusNoMemory;
    memory->refused = given ? 0 : size;
}

static void count(memory_guard *memory, size_t before, size_t after) {
    memory->live = memory->live - before + after;
    if (memory->live > memory->peak)
        memory->peak = memory->live;
    atomic_fetch_add_explicit(&live_in_process, (int64_t)after - (int64_t)before, memory_order_relaxed);
}

static void *guarded_malloc(void *user, size_t size) {
    memory_guard *memory = user;
    void *block = allowed(memory, size) ? malloc(size) : NULL;
    settle(memory, size, block != NULL);
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
    void *moved = size <= before || allowed(memory, size - before) ? realloc(block, size) : NULL;
    settle(memory, size, moved != NULL);
    if (moved)
        count(memory, before, malloc_usable_size(moved));
    return moved;
}

fz_alloc_context guarded_allocator(memory_guard *memory) {
    return (fz_alloc_context){memory, guarded_malloc, guarded_realloc, guarded_free};
}
