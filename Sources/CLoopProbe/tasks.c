// Which tasks were made by which scope: the tree of tasks, as far as scopes are open.
//
// A task is known from its first sight in the hook on, under the scope of the task that made it. It is retained until
// it has finished or its scope closes, so neither its memory nor its address can go to another.
#include "jobs_internal.h"
#include "swift_runtime.h"
#include "task_layout.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 4096,        // a power of two
    MAX_TASKS = 16384,     // what is made beyond is not seen
    MAX_FRAMES = 64,       // of a creation stack
    SEEN_TASKS = 1 << 20,  // task numbers from the first open scope on
};

typedef struct {
    uint16_t count;
    uint8_t kinds[MAX_FRAMES];
    uint64_t addresses[MAX_FRAMES];
} creation;

typedef struct scope {
    int number;
    bool takes_creation_stacks;
    uint64_t first_task;   // tasks with smaller numbers are older than the scope
    struct scope *parent;  // of the task that opened it
    struct scope *next;
} scope;

typedef struct entry {
    void *task;
    uint64_t identifier;
    scope *made_in;        // null for a task that is here only because it opened a scope
    scope *opened;         // the innermost scope that it opened itself
    bool is_retained;      // else its memory may be another's by now, and only the identifier tells
    bool is_child;
    char name[LP_NAME_BYTES];
    creation *creation;    // null if it wasn't asked for
    struct entry *next;    // in its bucket, or in the list of what is to be given back
} entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int open_scopes;
static _Atomic uint64_t newest_task;  // the greatest number seen, kept up also while no scope is open

// All below is guarded by the lock.
static entry *buckets[BUCKETS];
static int task_count;
static scope *scopes;
static int last_number;
static uint64_t seen[SEEN_TASKS / 64];  // tasks that others made while a scope was open
static uint64_t seen_from, seen_to;

bool lp_any_scope_is_open(void) { return atomic_load_explicit(&open_scopes, memory_order_relaxed) != 0; }

static entry **bucket_of(void *task) {
    const uint64_t mixed = ((uint64_t)(uintptr_t)task >> 4) * 0x9e3779b97f4a7c15u;
    return &buckets[mixed >> 52];
}

static entry **place_of(void *task) {
    entry **place = bucket_of(task);
    while (*place != NULL && (*place)->task != task) place = &(*place)->next;
    return place;
}

static entry *known(void *task, uint64_t identifier) {
    entry *found = *place_of(task);
    return found != NULL && found->identifier == identifier ? found : NULL;
}

static scope **scope_numbered(int number) {
    scope **place = &scopes;
    while (*place != NULL && (*place)->number != number) place = &(*place)->next;
    return place;
}

// What is taken out is given back after the lock: a task's last release runs code of the program's, which may make tasks.
static void take_out(entry **place, entry **out) {
    entry *found = *place;
    *place = found->next;
    found->next = *out;
    *out = found;
    task_count--;
}

static void give_back(entry *list) {
    while (list != NULL) {
        entry *next = list->next;
        if (list->is_retained) swift_release(list->task);
        free(list->creation);
        free(list);
        list = next;
    }
}

// A task whose handle is kept has more than our reference after its end; one that nobody else refers to has ended
// whatever its flags say.
static bool is_finished(const entry *each) {
    if (!each->is_retained || each->opened != NULL) return false;
    return lp_task_is_complete(each->task) || swift_retainCount(each->task) == 1;
}

static void take_out_finished(entry **out) {
    for (int i = 0; i < BUCKETS; i++) {
        for (entry **place = &buckets[i]; *place != NULL;) {
            if (is_finished(*place)) {
                take_out(place, out);
            } else {
                place = &(*place)->next;
            }
        }
    }
}

// ---- First sight

// A task that others made and that a task of the scope wakes is seen here too; the marks tell it from a new one.
static bool was_seen(uint64_t identifier) {
    const uint64_t index = identifier - seen_from;
    return identifier < seen_from || (index < SEEN_TASKS && (seen[index / 64] >> (index % 64) & 1) != 0);
}

static void mark_seen(uint64_t identifier) {
    const uint64_t index = identifier - seen_from;
    if (identifier < seen_from || index >= SEEN_TASKS) return;
    seen[index / 64] |= (uint64_t)1 << (index % 64);
    if (index + 1 > seen_to) seen_to = index + 1;
}

static creation *creation_here(void) {
    creation *made = malloc(sizeof *made);
    lp_stack *stack = malloc(sizeof *stack);
    if (made == NULL || stack == NULL) {
        free(made);
        free(stack);
        return NULL;
    }
    stack->count = 0;
    (void)lp_capture_self(stack);
    made->count = (uint16_t)(stack->count < MAX_FRAMES ? (stack->count > 0 ? stack->count : 0) : MAX_FRAMES);
    memcpy(made->addresses, stack->addresses, made->count * sizeof made->addresses[0]);
    memcpy(made->kinds, stack->kinds, made->count);
    free(stack);
    return made;
}

static scope *scope_of_children(const entry *parent) {
    return parent->opened != NULL ? parent->opened : parent->made_in;
}

// The scope that a task belongs to if this is its first sight; null if it isn't, or if there is none.
static scope *scope_of_new(void *task, uint64_t identifier) {
    if (scopes == NULL || was_seen(identifier)) return NULL;
    mark_seen(identifier);
    void *creator = swift_task_getCurrent();
    if (creator == NULL || creator == task) return NULL;
    const entry *parent = known(creator, swift_task_getJobTaskId(creator));
    scope *made_in = parent != NULL ? scope_of_children(parent) : NULL;
    return made_in != NULL && identifier > made_in->first_task ? made_in : NULL;
}

static entry *new_entry(void *task, uint64_t identifier, bool takes_creation_stacks) {
    entry *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) return NULL;
    fresh->task = task;
    fresh->identifier = identifier;
    fresh->is_child = lp_task_is_child(task);
    fresh->is_retained = !lp_task_is_in_parent(task);
    if (fresh->is_retained) swift_retain(task);
    lp_read_task_name(task, fresh->name);
    // A child can't outlive its parent, so nobody will ask where it was made.
    if (takes_creation_stacks && !fresh->is_child) fresh->creation = creation_here();
    return fresh;
}

// Puts a task under its scope; what is left over or stale is to be given back.
static void put_in(entry *fresh, int number, entry **unused) {
    entry **stale = place_of(fresh->task);
    if (*stale != NULL) take_out(stale, unused);
    if (task_count >= MAX_TASKS) take_out_finished(unused);
    fresh->made_in = *scope_numbered(number);
    if (fresh->made_in == NULL || task_count >= MAX_TASKS) {
        fresh->next = *unused;
        *unused = fresh;
        return;
    }
    entry **bucket = bucket_of(fresh->task);
    fresh->next = *bucket;
    *bucket = fresh;
    task_count++;
}

void lp_task_was_enqueued(void *job) {
    if (swift_task_getJobTaskId == NULL || !lp_job_is_task(job)) return;
    const uint64_t identifier = swift_task_getJobTaskId(job);
    uint64_t newest = atomic_load_explicit(&newest_task, memory_order_relaxed);
    while (newest < identifier && !atomic_compare_exchange_weak(&newest_task, &newest, identifier)) {}
    if (!lp_any_scope_is_open()) return;

    pthread_mutex_lock(&lock);
    const scope *made_in = known(job, identifier) == NULL ? scope_of_new(job, identifier) : NULL;
    const int number = made_in != NULL ? made_in->number : 0;
    const bool takes_creation_stacks = made_in != NULL && made_in->takes_creation_stacks;
    pthread_mutex_unlock(&lock);
    if (number == 0) return;

    // Nobody else can see the task before it is on its queue, so its stack is read without the lock.
    entry *fresh = new_entry(job, identifier, takes_creation_stacks);
    if (fresh == NULL) return;
    entry *unused = NULL;
    pthread_mutex_lock(&lock);
    put_in(fresh, number, &unused);
    pthread_mutex_unlock(&lock);
    give_back(unused);
}

// ---- Runs

static uint64_t bits_of(const scope *innermost) {
    uint64_t bits = 0;
    for (const scope *each = innermost; each != NULL; each = each->parent) bits |= (uint64_t)1 << (each->number % 64);
    return bits;
}

uint64_t lp_scopes_of_task(void *task) {
    if (!lp_any_scope_is_open() || swift_task_getJobTaskId == NULL) return 0;
    const uint64_t identifier = swift_task_getJobTaskId(task);
    pthread_mutex_lock(&lock);
    const entry *found = known(task, identifier);
    const uint64_t bits = found != NULL ? bits_of(scope_of_children(found)) : 0;
    pthread_mutex_unlock(&lock);
    return bits;
}

uint64_t lp_current_scopes(void) {
    void *task = swift_task_getCurrent != NULL ? swift_task_getCurrent() : NULL;
    return task != NULL ? lp_scopes_of_task(task) : 0;
}

void lp_task_did_run(void *job) {
    entry *finished = NULL;
    pthread_mutex_lock(&lock);
    entry **place = place_of(job);
    if (*place != NULL && is_finished(*place)) take_out(place, &finished);
    pthread_mutex_unlock(&lock);
    give_back(finished);
}

// ---- Scopes

int lp_scope_open(bool takes_creation_stacks) {
    if (swift_task_getCurrent == NULL || swift_task_getJobTaskId == NULL) return LP_MISSING;
    void *task = swift_task_getCurrent();
    if (task == NULL) return LP_MISSING;
    scope *fresh = calloc(1, sizeof *fresh);
    entry *owner = calloc(1, sizeof *owner);
    if (fresh == NULL || owner == NULL) {
        free(fresh);
        free(owner);
        return LP_MISSING;
    }
    pthread_mutex_lock(&lock);
    fresh->number = ++last_number;
    fresh->takes_creation_stacks = takes_creation_stacks;
    fresh->first_task = atomic_load(&newest_task);
    if (scopes == NULL) {
        memset(seen, 0, (seen_to + 63) / 64 * sizeof seen[0]);
        seen_from = fresh->first_task + 1;
        seen_to = 0;
    }
    fresh->next = scopes;
    scopes = fresh;
    entry *stale = NULL;
    const uint64_t identifier = swift_task_getJobTaskId(task);
    entry *own = known(task, identifier);
    if (own == NULL) {
        entry **place = place_of(task);
        if (*place != NULL) take_out(place, &stale);
        own = owner;
        owner = NULL;
        own->task = task;
        own->identifier = identifier;
        entry **bucket = bucket_of(task);
        own->next = *bucket;
        *bucket = own;
        task_count++;
    }
    fresh->parent = scope_of_children(own);
    // What is made inside is left to the scope around if it is left at all, and that one may ask where it was made.
    fresh->takes_creation_stacks |= fresh->parent != NULL && fresh->parent->takes_creation_stacks;
    own->opened = fresh;
    atomic_fetch_add(&open_scopes, 1);
    const int number = fresh->number;
    pthread_mutex_unlock(&lock);
    give_back(stale);
    free(owner);
    lp_change_scopes((uintptr_t)task, lp_scopes_of_task(task));
    return number;
}

// What a scope leaves behind belongs to the scope around it, if there is one.
void lp_scope_close(int number) {
    entry *unused = NULL;
    pthread_mutex_lock(&lock);
    scope **found = scope_numbered(number);
    scope *closing = *found;
    if (closing == NULL) {
        pthread_mutex_unlock(&lock);
        return;
    }
    *found = closing->next;
    for (scope *each = scopes; each != NULL; each = each->next) {
        if (each->parent == closing) each->parent = closing->parent;
    }
    for (int i = 0; i < BUCKETS; i++) {
        for (entry **place = &buckets[i]; *place != NULL;) {
            entry *each = *place;
            // The scope around may be the one that the owner was made in: then it has opened none any more.
            if (each->opened == closing) each->opened = closing->parent == each->made_in ? NULL : closing->parent;
            if (each->made_in == closing) each->made_in = closing->parent;
            if (each->made_in == NULL && each->opened == NULL) {
                take_out(place, &unused);
            } else {
                place = &each->next;
            }
        }
    }
    atomic_fetch_sub(&open_scopes, 1);
    pthread_mutex_unlock(&lock);
    give_back(unused);
    free(closing);
}

// ---- What is left

static bool is_within(const scope *innermost, int number) {
    for (const scope *each = innermost; each != NULL; each = each->parent) {
        if (each->number == number) return true;
    }
    return false;
}

static void copy_out(const entry *from, lp_leaked_task *out) {
    out->task = (uintptr_t)swift_retain(from->task);
    out->identifier = from->identifier;
    memcpy(out->name, from->name, sizeof out->name);
    out->creation.count = from->creation != NULL ? from->creation->count : 0;
    if (from->creation != NULL) {
        memcpy(out->creation.addresses, from->creation->addresses, sizeof from->creation->addresses);
        memcpy(out->creation.kinds, from->creation->kinds, sizeof from->creation->kinds);
    }
    lp_read_suspension(from->task, &out->suspension);
}

int lp_leaked_tasks(int number, lp_leaked_task *out, int capacity) {
    entry *finished = NULL;
    int count = 0;
    pthread_mutex_lock(&lock);
    take_out_finished(&finished);
    for (int i = 0; i < BUCKETS; i++) {
        for (const entry *each = buckets[i]; each != NULL; each = each->next) {
            if (each->is_child || !is_within(each->made_in, number)) continue;
            if (count < capacity) copy_out(each, &out[count]);
            count++;
        }
    }
    pthread_mutex_unlock(&lock);
    give_back(finished);
    return count;
}

void lp_release_task(uintptr_t task) { swift_release((void *)task); }

void lp_cancel_task(uintptr_t task) { swift_task_cancel((void *)task); }
