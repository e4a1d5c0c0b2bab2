// What the hook for jobs tells the table of tasks.
#ifndef LOOP_PROBE_JOBS_INTERNAL_H
#define LOOP_PROBE_JOBS_INTERNAL_H

#include "loop_probe.h"

// Whether any scope is open: the only thing that is asked for each job of a program without one.
bool lp_any_scope_is_open(void);

// A job was handed to the pool by the calling thread.
void lp_task_was_enqueued(void *job);

// The bits of a task's scopes, as in lp_interval.
uint64_t lp_scopes_of_task(void *task);

// The task that the calling thread runs belongs to other scopes from now on, as it has opened one (intervals.c).
void lp_change_scopes(uintptr_t task, uint64_t scopes);

// The calling thread has ended a job, which may be gone unless a scope holds it.
void lp_task_did_run(void *job);

#endif
