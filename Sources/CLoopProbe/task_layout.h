// What a task of the Swift runtime looks like in memory, as far as it has been proven in this process.
#ifndef LOOP_PROBE_TASK_LAYOUT_H
#define LOOP_PROBE_TASK_LAYOUT_H

#include "loop_probe.h"

// Whether a job is a task: part of the runtime's public layout, so it holds before the calibration too.
bool lp_job_is_task(const void *job);

// Whether a task belongs to a group or is an async let: its parent can't finish before it. Public layout as well.
bool lp_task_is_child(const void *task);

// Whether a task lies in the memory of its parent, as an async let does: retaining it would not keep it.
bool lp_task_is_in_parent(const void *task);

// Reads what calibration has proven; nothing is read before.
bool lp_task_is_complete(const void *task);
void lp_read_task_name(const void *task, char out[LP_NAME_BYTES]);

// Where a suspended task goes on, innermost first; count 0 for one that runs.
void lp_read_suspension(const void *task, lp_stack *out);

#endif
