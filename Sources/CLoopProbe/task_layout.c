// Reads the runtime's tasks: the offsets are those of 64-bit runtimes of Swift 6.3, proven at the start of each process.
#include "task_layout.h"
#include "probe_internal.h"
#include "swift_runtime.h"

#include <string.h>

enum {
    // Job, in swift/ABI/Task.h: an object's two words, two of the scheduler, flags.
    JOB_FLAGS = 32,
    KIND_MASK = 0xff,  // a task's is 0
    CHILD_TASK = 1 << 24,
    GROUP_CHILD_TASK = 1 << 26,
    NAMED_TASK = 1 << 30,

    // AsyncTask and its private storage, in TaskPrivate.h.
    RESUME_FUNCTION = 56,  // followed by the context that it resumes
    STATUS = 96,           // flags, followed by the innermost status record
    IS_RUNNING = 0x800,
    IS_COMPLETE = 0x2000,
    NAME_RECORD = 6,

    MAX_RECORDS = 16,
    MAX_CALLERS = 64,  // fewer than LP_MAX_FRAMES
};

static _Atomic bool is_calibrated;

bool lp_tasks_are_calibrated(void) { return atomic_load_explicit(&is_calibrated, memory_order_relaxed); }

static bool peek(uint64_t address, void *out, size_t length) {
#if LP_IS_SUPPORTED
    return lp_safe_read(address, out, length);
#else
    (void)address, (void)out, (void)length;
    return false;
#endif
}

static uint32_t job_flags(const void *job) {
    return __atomic_load_n((const uint32_t *)((const char *)job + JOB_FLAGS), __ATOMIC_RELAXED);
}

bool lp_job_is_task(const void *job) { return (job_flags(job) & KIND_MASK) == 0; }

bool lp_task_is_child(const void *task) { return (job_flags(task) & CHILD_TASK) != 0; }

bool lp_task_is_in_parent(const void *task) {
    return (job_flags(task) & (CHILD_TASK | GROUP_CHILD_TASK)) == CHILD_TASK;
}

static uint32_t status_flags(const void *task) {
    return __atomic_load_n((const uint32_t *)((const char *)task + STATUS), __ATOMIC_RELAXED);
}

static uint64_t innermost_record(const void *task) {
    return __atomic_load_n((const uint64_t *)((const char *)task + STATUS + 8), __ATOMIC_RELAXED);
}

bool lp_task_is_complete(const void *task) {
    return lp_tasks_are_calibrated() && (status_flags(task) & IS_COMPLETE) != 0;
}

static bool read_name(const void *task, char out[LP_NAME_BYTES]) {
    struct {
        uint64_t flags, parent, name;
    } record;
    uint64_t address = innermost_record(task);
    for (int i = 0; address != 0 && i < MAX_RECORDS; i++) {
        if (!peek(address, &record, sizeof record)) return false;
        if ((record.flags & KIND_MASK) == NAME_RECORD) {
            // A name may end just before memory that isn't there, so it is read in halves until one fits.
            for (size_t length = LP_NAME_BYTES; length >= 1; length /= 2) {
                if (!peek(record.name, out, length)) continue;
                out[length < LP_NAME_BYTES ? length : LP_NAME_BYTES - 1] = 0;
                return true;
            }
            return false;
        }
        address = record.parent;
    }
    return false;
}

void lp_read_task_name(const void *task, char out[LP_NAME_BYTES]) {
    out[0] = 0;
    if (!lp_tasks_are_calibrated() || (job_flags(task) & NAMED_TASK) == 0) return;
    if (!read_name(task, out)) out[0] = 0;
}

void lp_read_suspension(const void *task, lp_stack *out) {
    out->count = 0;
    if (!lp_tasks_are_calibrated() || (status_flags(task) & (IS_RUNNING | IS_COMPLETE)) != 0) return;
    struct {
        uint64_t function, context;
    } resume, again;
    const uint64_t place = (uint64_t)(uintptr_t)task + RESUME_FUNCTION;
    if (!peek(place, &resume, sizeof resume)) return;

    int count = 0;
    out->addresses[count] = resume.function;
    out->kinds[count++] = LP_ASYNC_RESUME;
    uint64_t context = resume.context;
    for (int i = 0; context != 0 && i < MAX_CALLERS; i++) {
        struct {
            uint64_t parent, resume;
        } caller;
        if (!peek(context, &caller, sizeof caller) || caller.resume == 0) break;
        // A continuation has a context of its own, which goes on where the task does.
        if (caller.resume != out->addresses[count - 1]) {
            out->addresses[count] = caller.resume;
            out->kinds[count++] = LP_ASYNC_RESUME;
        }
        context = caller.parent;
    }
    // A task that went on meanwhile had its contexts reused: what was read may be of two places.
    const bool went_on = !peek(place, &again, sizeof again) || memcmp(&resume, &again, sizeof again) != 0
        || (status_flags(task) & (IS_RUNNING | IS_COMPLETE)) != 0;
    out->count = went_on ? 0 : count;
}

bool lp_calibrate_tasks(void *named, void *finished) {
    if (lp_is_disabled("tasks") || sizeof(void *) != 8) return false;
    if (swift_task_getCurrent == NULL || swift_task_getJobTaskId == NULL || swift_task_cancel == NULL) return false;
    char name[LP_NAME_BYTES];
    uint64_t resume = 0;
    const bool holds = lp_job_is_task(named) && lp_job_is_task(finished)
        && !lp_task_is_child(named) && !lp_task_is_child(finished)
        && (status_flags(named) & IS_COMPLETE) == 0 && (status_flags(finished) & IS_COMPLETE) != 0
        && (job_flags(named) & NAMED_TASK) != 0 && (job_flags(finished) & NAMED_TASK) == 0
        && read_name(named, name) && strcmp(name, "loopwatch-calibration") == 0
        && peek((uint64_t)(uintptr_t)named + RESUME_FUNCTION, &resume, sizeof resume) && resume != 0;
    atomic_store(&is_calibrated, holds);
    return holds;
}
