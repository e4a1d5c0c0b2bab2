// Waits for threads, processes and each other, told in strict mode.
#include "strict.h"
#include "swift_runtime.h"

#if LP_IS_SUPPORTED

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

// Dispatch has no header that C can include here.
LP_INTERPOSER long dispatch_semaphore_wait(void *semaphore, uint64_t timeout);
LP_INTERPOSER long dispatch_group_wait(void *group, uint64_t timeout);
enum { NO_FUNCTION = -1 };

#if !defined(LP_IS_SANITIZED)
static long lp_dispatch_semaphore_wait(void *semaphore, uint64_t timeout);
static long lp_dispatch_group_wait(void *group, uint64_t timeout);
#define OWN(name) (const void *)name
#define OWN_OF_DISPATCH(name) (const void *)lp_##name
#else
#define OWN(name) NULL
#define OWN_OF_DISPATCH(name) NULL
#endif

#define WAITS(X)                                                                                                   \
    X(pthread_join, "GLIBC_2.34") X(pthread_cond_wait, "GLIBC_2.3.2") X(pthread_cond_timedwait, "GLIBC_2.3.2")     \
    X(pthread_cond_clockwait, "GLIBC_2.34") X(sem_wait, "GLIBC_2.34") X(sem_timedwait, "GLIBC_2.34")               \
    X(sem_clockwait, "GLIBC_2.34") X(wait, NULL) X(waitpid, NULL) X(wait3, NULL) X(wait4, NULL) X(waitid, NULL)    \
    X(flock, NULL)

WAITS(LP_REAL_CALL)

static lp_real_call real_dispatch_semaphore_wait = {
    "dispatch_semaphore_wait", NULL, OWN_OF_DISPATCH(dispatch_semaphore_wait), (const void *)dispatch_semaphore_wait,
    NULL,
};
static lp_real_call real_dispatch_group_wait = {
    "dispatch_group_wait", NULL, OWN_OF_DISPATCH(dispatch_group_wait), (const void *)dispatch_group_wait, NULL,
};

lp_real_call *const lp_real_waits[] = {
    WAITS(LP_REAL_ENTRY) & real_dispatch_semaphore_wait, &real_dispatch_group_wait, NULL,
};

#if !defined(LP_IS_SANITIZED)

// A call that this C library lacks fails as one that the kernel lacks.
#define CALL(name, ...)                                              \
    __typeof__(&name) call = LP_CALL_REAL(name);                     \
    if (call == NULL) return ENOSYS;                                 \
    return call(__VA_ARGS__)

#define CALL_WITH_ERRNO(name, ...)                                   \
    __typeof__(&name) call = LP_CALL_REAL(name);                     \
    if (call == NULL) {                                              \
        errno = ENOSYS;                                              \
        return NO_FUNCTION;                                          \
    }                                                                \
    return call(__VA_ARGS__)

LP_INTERPOSER int pthread_join(pthread_t thread, void **value) {
    LP_MAY_BLOCK(true);
    CALL(pthread_join, thread, value);
}

LP_INTERPOSER int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex) {
    LP_MAY_BLOCK(true);
    CALL(pthread_cond_wait, condition, mutex);
}

LP_INTERPOSER int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline
) {
    LP_MAY_BLOCK(true);
    CALL(pthread_cond_timedwait, condition, mutex, deadline);
}

LP_INTERPOSER int pthread_cond_clockwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock,
    const struct timespec *restrict deadline
) {
    LP_MAY_BLOCK(true);
    CALL(pthread_cond_clockwait, condition, mutex, clock, deadline);
}

LP_INTERPOSER int sem_wait(sem_t *semaphore) {
    LP_MAY_BLOCK(true);
    CALL_WITH_ERRNO(sem_wait, semaphore);
}

LP_INTERPOSER int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
    LP_MAY_BLOCK(true);
    CALL_WITH_ERRNO(sem_timedwait, semaphore, deadline);
}

LP_INTERPOSER int sem_clockwait(
    sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict deadline
) {
    LP_MAY_BLOCK(true);
    CALL_WITH_ERRNO(sem_clockwait, semaphore, clock, deadline);
}

LP_INTERPOSER pid_t wait(int *status) {
    LP_MAY_BLOCK(true);
    CALL_WITH_ERRNO(wait, status);
}

LP_INTERPOSER pid_t waitpid(pid_t process, int *status, int options) {
    LP_MAY_BLOCK((options & WNOHANG) == 0);
    CALL_WITH_ERRNO(waitpid, process, status, options);
}

LP_INTERPOSER pid_t wait3(int *status, int options, struct rusage *usage) {
    LP_MAY_BLOCK((options & WNOHANG) == 0);
    CALL_WITH_ERRNO(wait3, status, options, usage);
}

LP_INTERPOSER pid_t wait4(pid_t process, int *status, int options, struct rusage *usage) {
    LP_MAY_BLOCK((options & WNOHANG) == 0);
    CALL_WITH_ERRNO(wait4, process, status, options, usage);
}

LP_INTERPOSER int waitid(idtype_t kind, id_t identifier, siginfo_t *information, int options) {
    LP_MAY_BLOCK((options & WNOHANG) == 0);
    CALL_WITH_ERRNO(waitid, kind, identifier, information, options);
}

LP_INTERPOSER int flock(int file, int operation) {
    LP_MAY_BLOCK((operation & (LOCK_NB | LOCK_UN)) == 0);
    CALL_WITH_ERRNO(flock, file, operation);
}

// Swift's .now() is no constant but a reading of the clock that has the two highest bits clear.
static bool is_later(uint64_t timeout) {
    return (timeout >> 62) != 0 || (timeout != 0 && timeout > dispatch_time(0, 0));
}

static long lp_dispatch_semaphore_wait(void *semaphore, uint64_t timeout) {
    LP_MAY_BLOCK(is_later(timeout));
    CALL_WITH_ERRNO(dispatch_semaphore_wait, semaphore, timeout);
}

static long lp_dispatch_group_wait(void *group, uint64_t timeout) {
    LP_MAY_BLOCK(is_later(timeout));
    CALL_WITH_ERRNO(dispatch_group_wait, group, timeout);
}

// Weak, because a program that links dispatch statically has these already: they stay what they are, and only a wait
// that comes to the semaphore within is seen.
LP_INTERPOSER __attribute__((weak, alias("lp_dispatch_semaphore_wait"))) long dispatch_semaphore_wait(
    void *semaphore, uint64_t timeout
);
LP_INTERPOSER __attribute__((weak, alias("lp_dispatch_group_wait"))) long dispatch_group_wait(
    void *group, uint64_t timeout
);

#endif
#endif
