// Waits for signals, for semaphores and messages of System V, and for asynchronous reads and writes.
#include "shields.h"

#if LP_IS_SUPPORTED

#include <linux/aio_abi.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

// Whether one of the operations takes something and doesn't refuse to wait for it.
static bool may_wait(const struct sembuf *operations, size_t count) {
    for (size_t index = 0; index < count; index++) {
        if (operations[index].sem_op <= 0 && (operations[index].sem_flg & IPC_NOWAIT) == 0) return true;
    }
    return false;
}

LP_INTERPOSER int semtimedop(
    int semaphores, struct sembuf *operations, size_t count, const struct timespec *timeout
) {
    LP_MAY_BLOCK(lp_is_some_time(timeout) && may_wait(operations, count));
    struct timespec left = {0, 0};
    if (timeout != NULL) left = *timeout;
    uint64_t start = lp_call_start();
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        struct timespec *limit = timeout == NULL ? NULL : &left;
        long result = syscall(SYS_semtimedop, (long)semaphores, operations, count, limit);
        if (!lp_call_again(result, before)) return (int)result;
        if (timeout != NULL) left = lp_time_left(timeout, start);
    }
}

LP_INTERPOSER int semop(int semaphores, struct sembuf *operations, size_t count) {
    LP_MAY_BLOCK(may_wait(operations, count));
    return semtimedop(semaphores, operations, count, NULL);
}

LP_INTERPOSER int msgsnd(int queue, const void *message, size_t size, int flags) {
    LP_MAY_BLOCK((flags & IPC_NOWAIT) == 0);
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        long result = syscall(SYS_msgsnd, (long)queue, message, size, (long)flags);
        if (!lp_call_again(result, before)) return (int)result;
    }
}

LP_INTERPOSER ssize_t msgrcv(int queue, void *message, size_t size, long type, int flags) {
    LP_MAY_BLOCK((flags & IPC_NOWAIT) == 0);
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        long result = syscall(SYS_msgrcv, (long)queue, message, size, type, (long)flags);
        if (!lp_call_again(result, before)) return (ssize_t)result;
    }
}

LP_INTERPOSER int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout) {
    LP_MAY_BLOCK(lp_is_some_time(timeout));
    struct timespec left = {0, 0};
    if (timeout != NULL) left = *timeout;
    uint64_t start = lp_call_start();
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        struct timespec *limit = timeout == NULL ? NULL : &left;
        long result = syscall(SYS_rt_sigtimedwait, set, info, limit, LP_KERNEL_SET_BYTES);
        // As glibc does: a signal of tgkill, which raise uses, counts as sent by the user.
        if (result != -1 && info != NULL && info->si_code == SI_TKILL) info->si_code = SI_USER;
        if (!lp_call_again(result, before)) return (int)result;
        if (timeout != NULL) left = lp_time_left(timeout, start);
    }
}

LP_INTERPOSER int sigwaitinfo(const sigset_t *set, siginfo_t *info) {
    LP_MAY_BLOCK(true);
    return sigtimedwait(set, info, NULL);
}

LP_INTERPOSER int sigsuspend(const sigset_t *mask) {
    LP_MAY_BLOCK(true);
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        long result = syscall(SYS_rt_sigsuspend, mask, LP_KERNEL_SET_BYTES);
        if (!lp_call_again(result, before)) return (int)result;
    }
}

LP_INTERPOSER int pause(void) {
    LP_MAY_BLOCK(true);
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        // arm64 has no call of this name.
        long result = syscall(SYS_ppoll, NULL, 0L, NULL, NULL, 0L);
        if (!lp_call_again(result, before)) return (int)result;
    }
}

// The C library has no such function; programs call libaio's, which ours stands in front of where libaio is linked. As
// that, it returns the failure, negative, and leaves errno alone. A call that already has some events isn't made again.
LP_INTERPOSER int io_getevents(
    aio_context_t context, long least, long most, struct io_event *events, struct timespec *timeout
);

LP_INTERPOSER int io_getevents(
    aio_context_t context, long least, long most, struct io_event *events, struct timespec *timeout
) {
    LP_MAY_BLOCK(least > 0 && lp_is_some_time(timeout));
    int kept = errno;
    struct timespec left = {0, 0};
    if (timeout != NULL) left = *timeout;
    uint64_t start = lp_call_start();
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        struct timespec *limit = timeout == NULL ? NULL : &left;
        long result = syscall(SYS_io_getevents, context, least, most, events, limit);
        if (lp_call_again(result, before)) {
            if (timeout != NULL) left = lp_time_left(timeout, start);
            continue;
        }
        if (result == -1) result = -errno;
        errno = kept;
        return (int)result;
    }
}

const void *const lp_wait_interposers[] = {
    (const void *)semop,        (const void *)semtimedop,  (const void *)msgsnd,     (const void *)msgrcv,
    (const void *)sigtimedwait, (const void *)sigwaitinfo, (const void *)sigsuspend, (const void *)pause,
    (const void *)io_getevents, NULL,
};

#endif
