// The hook for jobs of the cooperative pool: each runs on a queue of ours, between lp_begin and lp_end.
#include "jobs_internal.h"
#include "probe_internal.h"
#include "swift_runtime.h"
#include "task_layout.h"

#if LP_IS_SUPPORTED

#include <pthread.h>
#include <time.h>

enum {
    WIDTH_OF_ACTIVE_PROCESSORS = -3, // DISPATCH_QUEUE_WIDTH_MAX_LOGICAL_CPUS
    CONTINUOUS_CLOCK = 1,            // swift_clock_id_continuous
    COUNTERS = 16,
};

// Each thread counts on one of a few cache lines, or all cores would fight for one at every job.
static struct {
    _Alignas(64) _Atomic uint64_t jobs;
} counters[COUNTERS];

static void count_job(void) {
    static _Atomic unsigned next;
    static _Thread_local unsigned mine = COUNTERS;
    if (mine == COUNTERS) mine = atomic_fetch_add(&next, 1) % COUNTERS;
    atomic_fetch_add_explicit(&counters[mine].jobs, 1, memory_order_relaxed);
}

uint64_t lp_jobs_seen(void) {
    uint64_t sum = 0;
    for (int i = 0; i < COUNTERS; i++) sum += atomic_load_explicit(&counters[i].jobs, memory_order_relaxed);
    return sum;
}

// The classes of service that dispatch knows. A job may have any number between, and dispatch would make a serial queue
// for a number that it doesn't know.
static const unsigned services[] = {0x21, 0x19, 0x15, 0x11, 0x09};
enum { SERVICES = sizeof services / sizeof services[0], DEFAULT_SERVICE = 2 };

static int service_of(void *job) {
    const size_t priority = swift_concurrency_jobPriority != NULL ? swift_concurrency_jobPriority(job) : 0;
    if (priority == 0) return DEFAULT_SERVICE;
    int service = 0;
    while (service < SERVICES - 1 && priority < services[service]) service++;
    return service;
}

// One queue a class of service, made when it is first needed, with the width that the runtime gives its own.
static lp_dispatch_queue queue_for(void *job) {
    static _Atomic(lp_dispatch_queue) queues[SERVICES];
    const int service = service_of(job);
    lp_dispatch_queue queue = atomic_load_explicit(&queues[service], memory_order_acquire);
    if (queue != NULL) return queue;

    lp_dispatch_queue_attributes attributes =
        dispatch_queue_attr_make_with_qos_class(&_dispatch_queue_attr_concurrent, services[service], 0);
    lp_dispatch_queue fresh = dispatch_queue_create("loopwatch-pool", attributes);
    dispatch_queue_set_width(fresh, WIDTH_OF_ACTIVE_PROCESSORS);
    if (atomic_compare_exchange_strong(&queues[service], &queue, fresh)) return fresh;
    dispatch_release(fresh);
    return queue;
}

// Task, name and scopes are read before the run: a task that has finished may be gone when its job ends.
static void begin(void *job) {
    if (!lp_job_is_task(job)) {
        lp_begin_job(0, NULL, 0);
        return;
    }
    char name[LP_NAME_BYTES];
    lp_read_task_name(job, name);
    lp_begin_job((uintptr_t)job, name[0] != 0 ? name : NULL, lp_scopes_of_task(job));
}

static void run_job(void *job) {
    lp_register(LP_POOL, NULL);
    count_job();
    begin(job);
    swift_job_run(job, NULL, 0);
    lp_end();
    if (lp_any_scope_is_open()) lp_task_did_run(job);
}

LP_SWIFTCALL static void enqueue_global(void *job, void *original) {
    (void)original;
    lp_task_was_enqueued(job);
    dispatch_async_f(queue_for(job), job, run_job);
}

static void run_later(void *job, uint64_t nanoseconds) {
    const int64_t delay = nanoseconds < INT64_MAX ? (int64_t)nanoseconds : INT64_MAX;
    dispatch_after_f(dispatch_time(0, delay), queue_for(job), job, run_job);
}

LP_SWIFTCALL static void enqueue_with_delay(unsigned long long nanoseconds, void *job, void *original) {
    (void)original;
    lp_task_was_enqueued(job);
    run_later(job, nanoseconds);
}

// The tolerance is not used: dispatch_after_f takes none, and a timer that fires early in its span is right.
LP_SWIFTCALL static void enqueue_with_deadline(
    long long seconds, long long nanoseconds, long long tolerance_seconds, long long tolerance_nanoseconds,
    int clock, void *job, void *original) {
    (void)tolerance_seconds;
    (void)tolerance_nanoseconds;
    (void)original;
    lp_task_was_enqueued(job);
    struct timespec now;
    clock_gettime(clock == CONTINUOUS_CLOCK ? CLOCK_BOOTTIME : CLOCK_MONOTONIC, &now);
    int64_t whole, left;
    if (__builtin_sub_overflow((int64_t)seconds, (int64_t)now.tv_sec, &whole)
        || __builtin_mul_overflow(whole, (int64_t)1000000000, &whole)
        || __builtin_add_overflow(whole, (int64_t)(nanoseconds - now.tv_nsec), &left)) {
        left = seconds < 0 ? 0 : INT64_MAX;
    }
    run_later(job, left < 0 ? 0 : (uint64_t)left);
}

static int install(void) {
    if (lp_is_disabled("jobs")) return LP_MISSING;
    if (&swift_task_enqueueGlobal_hook == NULL || swift_job_run == NULL) return LP_MISSING;
    if (swift_task_enqueueGlobal_hook != NULL) return LP_TAKEN;
    // The timers first: a job that a timer starts is then never missed once jobs are seen at all.
    if (&swift_task_enqueueGlobalWithDelay_hook != NULL) {
        swift_task_enqueueGlobalWithDelay_hook = (void *)enqueue_with_delay;
    }
    if (&swift_task_enqueueGlobalWithDeadline_hook != NULL) {
        swift_task_enqueueGlobalWithDeadline_hook = (void *)enqueue_with_deadline;
    }
    __atomic_store_n(&swift_task_enqueueGlobal_hook, (void *)enqueue_global, __ATOMIC_RELEASE);
    return 0;
}

// Set once and never taken back: jobs that wait on our queues need it.
int lp_install_job_hook(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool is_decided;
    static int decision;
    pthread_mutex_lock(&lock);
    if (!is_decided) {
        decision = install();
        is_decided = true;
    }
    const int result = decision;
    pthread_mutex_unlock(&lock);
    return result;
}

#else

uint64_t lp_jobs_seen(void) { return 0; }

int lp_install_job_hook(void) { return LP_MISSING; }

#endif
