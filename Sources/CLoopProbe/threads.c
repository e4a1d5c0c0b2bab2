// Who made a thread: pthread_create is ours, so that the creator's stack can be kept with the number of the thread.
#include "strict.h"

#include <string.h>


#if LP_IS_SUPPORTED && !defined(LP_IS_SANITIZED)

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    MAX_THREADS = 512,  // the oldest is forgotten for one more
    MAX_FRAMES = 64,
};

typedef struct {
    int32_t thread_id;  // 0 until the thread runs
    uint64_t number;    // counts the threads that were recorded, from 1
    uint64_t made_ns;
    int32_t count;
    uint64_t addresses[MAX_FRAMES];
    uint8_t kinds[MAX_FRAMES];
} made_thread;

typedef void *(*thread_routine)(void *);
typedef int (*thread_create)(pthread_t *, const pthread_attr_t *, thread_routine, void *);

// What a recorded thread takes along to its own start.
typedef struct {
    thread_routine routine;
    void *argument;
    uint64_t number;
} start_of_thread;

static _Atomic int recorders;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static made_thread *ring;  // made when recording begins, and kept
static uint64_t last_number;

static made_thread *place_of(uint64_t number) { return &ring[number % MAX_THREADS]; }

static uint64_t record_creator(void) {
    lp_stack stack;
    stack.count = 0;
    (void)lp_capture_self(&stack);
    if (stack.count < 0) stack.count = 0;
    pthread_mutex_lock(&lock);
    const uint64_t number = ++last_number;
    made_thread *made = place_of(number);
    made->thread_id = 0;
    made->number = number;
    made->made_ns = lp_now();
    made->count = stack.count < MAX_FRAMES ? stack.count : MAX_FRAMES;
    memcpy(made->addresses, stack.addresses, (size_t)made->count * sizeof made->addresses[0]);
    memcpy(made->kinds, stack.kinds, (size_t)made->count);
    pthread_mutex_unlock(&lock);
    return number;
}

static void *run_thread(void *box) {
    const start_of_thread start = *(start_of_thread *)box;
    free(box);
    pthread_mutex_lock(&lock);
    made_thread *made = place_of(start.number);
    if (made->number == start.number) made->thread_id = (int32_t)syscall(SYS_gettid);
    pthread_mutex_unlock(&lock);
    return start.routine(start.argument);
}

// RTLD_NEXT alone may give an old version of a function; glibc 2.34 moved this one out of libpthread.
static thread_create real_create(void) {
    static _Atomic(thread_create) found;
    thread_create create = atomic_load_explicit(&found, memory_order_relaxed);
    if (create != NULL) return create;
    void *symbol = dlvsym(RTLD_NEXT, "pthread_create", "GLIBC_2.34");
    if (symbol == NULL) symbol = dlsym(RTLD_NEXT, "pthread_create");
    memcpy(&create, &symbol, sizeof create);
    atomic_store_explicit(&found, create, memory_order_relaxed);
    return create;
}

LP_INTERPOSER int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, thread_routine routine, void *argument) {
    const thread_create create = real_create();
    if (create == NULL) return EAGAIN;
    if (atomic_load(&recorders) == 0) return create(thread, attributes, routine, argument);

    const int kept = errno;
    start_of_thread *start = malloc(sizeof *start);
    if (start == NULL) return create(thread, attributes, routine, argument);
    start->routine = routine;
    start->argument = argument;
    start->number = record_creator();
    errno = kept;
    const int failure = create(thread, attributes, run_thread, start);
    if (failure != 0) free(start);
    return failure;
}

bool lp_records_thread_creators(void) { return !lp_is_disabled("threads"); }

// Calls nest: recording goes on until each one who asked for it has had enough.
void lp_record_thread_creators(bool on) {
    if (!lp_records_thread_creators()) return;
    pthread_mutex_lock(&lock);
    if (on) {
        if (ring == NULL) ring = calloc(MAX_THREADS, sizeof *ring);
        if (ring != NULL) atomic_fetch_add(&recorders, 1);
    } else if (atomic_load(&recorders) > 0) {
        atomic_fetch_sub(&recorders, 1);
    }
    pthread_mutex_unlock(&lock);
}

bool lp_thread_creator(int32_t thread_id, lp_thread_creation *out) {
    bool is_found = false;
    uint64_t newest = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; ring != NULL && i < MAX_THREADS; i++) {
        // Numbers of threads are used again: the latest is the one that runs.
        const made_thread *made = &ring[i];
        if (made->thread_id != thread_id || made->number <= newest) continue;
        newest = made->number;
        is_found = true;
        out->made_ns = made->made_ns;
        out->stack.count = made->count;
        memcpy(out->stack.addresses, made->addresses, sizeof made->addresses);
        memcpy(out->stack.kinds, made->kinds, sizeof made->kinds);
    }
    pthread_mutex_unlock(&lock);
    return is_found;
}

#else

bool lp_records_thread_creators(void) { return false; }

void lp_record_thread_creators(bool on) { (void)on; }

bool lp_thread_creator(int32_t thread_id, lp_thread_creation *out) {
    (void)thread_id, (void)out;
    return false;
}

#endif
