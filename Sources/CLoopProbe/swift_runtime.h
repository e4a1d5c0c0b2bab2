// What LoopWatch calls of the Swift runtime and of dispatch: exported, but in no header that C can include.
//
// Declared weak where a runtime may lack it, so that the program loads and the loss is told.
#ifndef LOOP_PROBE_SWIFT_RUNTIME_H
#define LOOP_PROBE_SWIFT_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#define LP_SWIFTCALL __attribute__((swiftcall))
#define LP_WEAK __attribute__((weak))

extern void *swift_retain(void *object) LP_WEAK;
extern void swift_release(void *object) LP_WEAK;
extern size_t swift_retainCount(void *object) LP_WEAK;

LP_SWIFTCALL extern void *swift_task_getCurrent(void) LP_WEAK;
LP_SWIFTCALL extern void swift_task_cancel(void *task) LP_WEAK;
LP_SWIFTCALL extern uint64_t swift_task_getJobTaskId(void *job) LP_WEAK;
LP_SWIFTCALL extern size_t swift_concurrency_jobPriority(void *job) LP_WEAK;
LP_SWIFTCALL extern void swift_job_run(void *job, void *identity, uintptr_t implementation) LP_WEAK;

extern void *swift_task_enqueueGlobal_hook LP_WEAK;
extern void *swift_task_enqueueGlobalWithDelay_hook LP_WEAK;
extern void *swift_task_enqueueGlobalWithDeadline_hook LP_WEAK;

typedef struct lp_dispatch_object *lp_dispatch_queue;
typedef struct lp_dispatch_attributes *lp_dispatch_queue_attributes;
extern struct lp_dispatch_attributes _dispatch_queue_attr_concurrent;
extern lp_dispatch_queue_attributes dispatch_queue_attr_make_with_qos_class(
    lp_dispatch_queue_attributes attributes, unsigned int quality, int relative_priority);
extern lp_dispatch_queue dispatch_queue_create(const char *label, lp_dispatch_queue_attributes attributes);
extern void dispatch_queue_set_width(lp_dispatch_queue queue, long width);
extern void dispatch_release(lp_dispatch_queue queue);
extern uint64_t dispatch_time(uint64_t base, int64_t nanoseconds);
extern void dispatch_async_f(lp_dispatch_queue queue, void *context, void (*work)(void *));
extern void dispatch_after_f(uint64_t when, lp_dispatch_queue queue, void *context, void (*work)(void *));

#endif
