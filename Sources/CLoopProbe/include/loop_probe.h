// What LoopWatch asks of the process: when threads are busy, where they are, what outlives its scope.
//
// Values only: nothing here calls back into Swift. Times are nanoseconds of CLOCK_MONOTONIC. Functions that return int
// give 0 or more for success and one of lp_error otherwise.
#ifndef LOOP_PROBE_H
#define LOOP_PROBE_H

#include "loop_names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LP_MAX_SLOTS 512
#define LP_MAX_FRAMES 240
#define LP_NAME_BYTES 64
#define LP_KEPT_INTERVALS 64  // of one slot, until they are taken

enum lp_error {
    LP_SIGNAL_TAKEN = -1,  // no real-time signal is free
    LP_THREAD_LIMIT = -2,  // all slots are in use
    LP_TAKEN = -3,         // another library has the hook
    LP_MISSING = -4,       // the runtime, the kernel or the platform has no such thing
    LP_GONE = -5,          // the thread has ended
    LP_TIMED_OUT = -6,     // the thread did not answer in time
};

// LP_HEARTBEAT: a loop whose wait for events isn't seen, so that somebody else has to find out when it is busy.
enum lp_kind { LP_EVENT_LOOP = 1, LP_POOL = 2, LP_JOB = 3, LP_HEARTBEAT = 4 };

// How an address came into a stack: the interrupted instruction, a return address, or where an async caller resumes.
enum lp_frame_kind { LP_PROGRAM_COUNTER = 0, LP_RETURN_ADDRESS = 1, LP_ASYNC_RESUME = 2 };

typedef struct {
    int32_t count;
    uint64_t addresses[LP_MAX_FRAMES];  // innermost first
    uint8_t kinds[LP_MAX_FRAMES];       // lp_frame_kind
} lp_stack;

// A thread's processor time and the time it waited for a processor, both since its start.
typedef struct {
    bool is_known;        // the processor time is
    bool is_wait_known;   // the kernel tells the wait
    uint64_t cpu_ns;
    uint64_t wait_ns;
} lp_accounts;

// A watched thread at one moment.
typedef struct {
    int32_t thread_id;
    uint8_t kind;              // lp_kind
    char name[16];             // the thread's, or that of the watched job
    uint64_t busy_since;       // 0 when it is parked
    uint64_t sequence;         // number of its latest busy interval, from 1
    uint64_t busy_total_ns;    // of all finished intervals
    uint64_t longest_ns;
    uint64_t generation;       // differs for every thread that ever had this slot
    uint64_t scopes;           // of the job that it runs, as in lp_interval
} lp_slot_state;

// A busy interval that was longer than the threshold when it ended.
typedef struct {
    int32_t slot;
    int32_t thread_id;
    uint8_t kind;
    char name[16];
    uint64_t generation;
    uint64_t sequence;
    uint64_t start_ns;
    uint64_t end_ns;
    lp_accounts before;  // as the watchdog noted them at its first sight; unknown if it came too late
    uint64_t before_ns;  // when it did
    lp_accounts after;
    uintptr_t task;      // the Swift task of a pool job; 0 otherwise
    char task_name[LP_NAME_BYTES];
    uint64_t scopes;     // bits of the scopes (number modulo 64) that its task tree belongs to; 0 for loops
} lp_interval;

typedef struct {
    uint64_t generation;
    uint64_t sequence;    // of the interval that it was taken in
    uint64_t taken_ns;
    uint64_t handler_ns;  // how long the thread was held up
    lp_accounts accounts; // read right after
    lp_stack stack;
} lp_capture_result;

// ---- life (slots.c)
// Installs the handler and the module table; a second call does nothing. The signal is the first free one from the
// given on; 0 begins at SIGRTMIN + 7. Returns the signal.
int lp_start(int signal);
uint64_t lp_now(void);
void lp_watch_loops(bool on);      // threads that wait in epoll_wait under one of NIO's names register themselves
int lp_register(uint8_t kind, const char *name);  // the calling thread; its slot; name may be null
int lp_register_for_heartbeat(void);  // the calling thread, which is a loop; forgets what it seemed to be busy with
void lp_unregister(void);
uint64_t lp_refused_threads(void);  // how many threads were not watched because all slots were in use
void lp_begin(void);               // the calling thread becomes busy, or idle
void lp_end(void);
uint64_t lp_mark(void);            // cuts the calling thread's busy interval in two; now
void lp_set_threshold(uint64_t ns);  // UINT64_MAX: keep no interval
int lp_slot_count(void);
bool lp_slot(int slot, lp_slot_state *out);  // false for one that is free
bool lp_accounts_of(int slot, lp_accounts *out);
void lp_note_accounts(int slot, uint64_t sequence, lp_accounts accounts, uint64_t at_ns);
bool lp_next_interval(lp_interval *out);     // takes the oldest that is kept
uint64_t lp_dropped_intervals(void);
void lp_name_thread(const char *name);  // the calling thread; 15 bytes at the most (thread_name.c)
bool lp_sleep_until_busy(uint64_t timeout_ns);  // true when a watched thread is busy
void lp_sleep_until_called(uint64_t timeout_ns);  // until the watchdog is called
void lp_wake_watchdog(void);

// ---- stacks (capture.c, modules.c, unwind*.c)
int lp_capture(int slot, uint64_t timeout_ns, lp_capture_result *out);
int lp_capture_self(lp_stack *out);  // from the caller of this function outward
void lp_refresh_modules(void);       // after a dlopen; cheap when nothing was loaded
bool lp_module_of(uint64_t address, char *path, size_t capacity, uint64_t *offset);

// ---- shields (shields.c)
uint64_t lp_shield_restarts(void);
bool lp_shield(bool on);             // for tests; returns what it was

// ---- jobs of the cooperative pool (jobs.c)
int lp_install_job_hook(void);       // 0, LP_TAKEN or LP_MISSING; a second call does nothing
uint64_t lp_jobs_seen(void);

// ---- tasks (tasks.c, task_layout.c): each belongs to the scope of the task that made it
typedef struct {
    uintptr_t task;                  // retained: lp_release_task gives it back
    uint64_t identifier;             // the runtime's number of the task
    char name[LP_NAME_BYTES];        // empty if it has none
    lp_stack creation;               // count 0 if it was not asked for
    lp_stack suspension;             // where it resumes; count 0 while it runs
} lp_leaked_task;

// Whether the runtime's layout is the known one, proven on a task that was named loopwatch-calibration and has not
// finished, and on one without a name that has. Without this proof names and suspensions are unknown, and a task
// whose handle is kept may seem to be unfinished.
bool lp_calibrate_tasks(void *named, void *finished);
bool lp_tasks_are_calibrated(void);
int lp_scope_open(bool takes_creation_stacks);  // on the calling task; the scope's number, or LP_MISSING
void lp_scope_close(int scope);
// The tasks of the scope, or of those within, that have not finished; how many there are. Children of a group and
// async lets are not among them: what holds them up is the task that awaits them.
int lp_leaked_tasks(int scope, lp_leaked_task *out, int capacity);
void lp_cancel_task(uintptr_t task);  // one that is retained
void lp_release_task(uintptr_t task);
uint64_t lp_current_scopes(void);     // bits as in lp_interval

// ---- threads (threads.c)
typedef struct {
    uint64_t made_ns;
    lp_stack stack;  // of the thread that made it, from pthread_create outward
} lp_thread_creation;

bool lp_records_thread_creators(void);          // whether it can: not under a sanitizer
void lp_record_thread_creators(bool on);        // calls nest
bool lp_thread_creator(int32_t thread_id, lp_thread_creation *out);  // of one made while recording was on

// ---- calls that may block (strict*.c), made in a busy interval: told at once, whatever their duration
#define LP_KEPT_CALLS 32   // of one slot, until they are taken
#define LP_CALL_SITES 256  // of one slot; calls from further sites are dropped

// How much is told: sleeps, waits for others, sockets and pipes, names of hosts; then files as well.
enum lp_strictness { LP_STRICT_OFF = 0, LP_STRICT_CALLS = 1, LP_STRICT_FILES = 2 };

// The first call of a site, which is a stack in a scope; calls after it are counted.
typedef struct {
    int32_t slot;
    int32_t site;
    uint64_t count_before;  // calls of the site before this one
    int32_t thread_id;
    uint8_t kind;           // lp_kind
    uint8_t strictness;     // the least that tells it
    char name[16];          // the thread's
    char call[32];          // what was called
    uint64_t generation;
    uint64_t start_ns;
    uint64_t end_ns;
    lp_accounts before;
    lp_accounts after;
    char task_name[LP_NAME_BYTES];
    uint64_t scopes;        // as in lp_interval
    lp_stack stack;         // of the call's end
} lp_blocking_call;

void lp_watch_calls(int strictness, bool anew);  // anew: sites that were told are told again
bool lp_next_call(lp_blocking_call *out);        // takes the oldest that is kept
uint64_t lp_call_count(int slot, int site);      // calls of a site since the process began
uint64_t lp_dropped_calls(void);
// Writes the calls that shared libraries make past the probe, separated by commas. How many there are; LP_MISSING if
// none can be seen.
int lp_unseen_calls(char *names, size_t capacity);

// ---- proofs (selfcheck.c): each mechanism shows in this process that it works
enum lp_mechanism { LP_LOOP_PROBE = 1, LP_STACKS = 2, LP_ASYNC_CALLERS = 3, LP_SCHEDULE = 4, LP_SHIELDS = 5 };
// One that fails is used no more, until a later check succeeds.
bool lp_self_check(int mechanism);

// Whether a mechanism was turned off from outside: LOOPWATCH_DISABLE holds names of mechanisms, separated by commas.
// They are loops, jobs, stacks, async, schedule, shields, names, tasks, threads and calls.
bool lp_is_disabled(const char *mechanism);

#endif
