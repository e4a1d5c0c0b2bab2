// Waits for many descriptors. The kernel writes the time left into the time-out, also when a signal ends the call.
#include "shields.h"

#if LP_IS_SUPPORTED

#include <poll.h>
#include <sys/select.h>

extern void __chk_fail(void) __attribute__((noreturn));
LP_INTERPOSER int __poll_chk(struct pollfd *files, nfds_t count, int timeout, size_t size);
LP_INTERPOSER int __ppoll_chk(
    struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t size
);

static int wait_for_files(struct pollfd *files, nfds_t count, struct timespec *left, const sigset_t *mask) {
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        long result = syscall(SYS_ppoll, files, count, left, mask, LP_KERNEL_SET_BYTES);
        if (!lp_call_again(result, before)) return (int)result;
    }
}

LP_INTERPOSER int ppoll(struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    LP_MAY_BLOCK(lp_is_some_time(timeout));
    if (timeout == NULL) return wait_for_files(files, count, NULL, mask);
    struct timespec left = *timeout;
    return wait_for_files(files, count, &left, mask);
}

LP_INTERPOSER int poll(struct pollfd *files, nfds_t count, int timeout) {
    LP_MAY_BLOCK(timeout != 0);
    if (timeout < 0) return wait_for_files(files, count, NULL, NULL);
    struct timespec left = {timeout / 1000, (long)(timeout % 1000) * 1000000};
    return wait_for_files(files, count, &left, NULL);
}

// What callers compiled with _FORTIFY_SOURCE call in place of the two.
LP_INTERPOSER int __poll_chk(struct pollfd *files, nfds_t count, int timeout, size_t size) {
    if (size / sizeof *files < count) __chk_fail();
    return poll(files, count, timeout);
}

LP_INTERPOSER int __ppoll_chk(
    struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t size
) {
    if (size / sizeof *files < count) __chk_fail();
    return ppoll(files, count, timeout, mask);
}

static int wait_for_sets(
    int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timespec *left, const sigset_t *mask
) {
    struct {
        const sigset_t *mask;
        size_t size;
    } sized_mask = {mask, LP_KERNEL_SET_BYTES};
    for (;;) {
        lp_attempt before = lp_begin_attempt();
        long result = syscall(SYS_pselect6, (long)count, readable, writable, exceptional, left, &sized_mask);
        if (!lp_call_again(result, before)) return (int)result;
    }
}

LP_INTERPOSER int pselect(
    int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timespec *timeout,
    const sigset_t *mask
) {
    LP_MAY_BLOCK(lp_is_some_time(timeout));
    if (timeout == NULL) return wait_for_sets(count, readable, writable, exceptional, NULL, mask);
    struct timespec left = *timeout;
    return wait_for_sets(count, readable, writable, exceptional, &left, mask);
}

LP_INTERPOSER int select(
    int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout
) {
    LP_MAY_BLOCK(timeout == NULL || timeout->tv_sec != 0 || timeout->tv_usec != 0);
    if (timeout == NULL) return wait_for_sets(count, readable, writable, exceptional, NULL, NULL);
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0) {
        errno = EINVAL;
        return -1;
    }
    // A second or more of microseconds is allowed here.
    struct timespec left = {
        timeout->tv_sec + timeout->tv_usec / 1000000, (long)(timeout->tv_usec % 1000000) * 1000,
    };
    int result = wait_for_sets(count, readable, writable, exceptional, &left, NULL);
    // On Linux, unlike elsewhere, the caller sees the time left.
    timeout->tv_sec = left.tv_sec;
    timeout->tv_usec = (suseconds_t)(left.tv_nsec / 1000);
    return result;
}

const void *const lp_poll_interposers[] = {
    (const void *)poll,   (const void *)ppoll,      (const void *)select,
    (const void *)pselect, (const void *)__poll_chk, (const void *)__ppoll_chk, NULL,
};

#endif
