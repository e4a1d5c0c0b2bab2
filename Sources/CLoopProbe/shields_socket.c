// Calls on sockets, which a signal ends early only where SO_RCVTIMEO or SO_SNDTIMEO is set.
#include "shields.h"

#if LP_IS_SUPPORTED

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

extern void __chk_fail(void) __attribute__((noreturn));
LP_INTERPOSER ssize_t __recv_chk(int file, void *bytes, size_t size, size_t capacity, int flags);
LP_INTERPOSER ssize_t __recvfrom_chk(
    int file, void *restrict bytes, size_t size, size_t capacity, int flags, __SOCKADDR_ARG address,
    socklen_t *restrict length
);

// How a call is made again: what it waits for, which option limits it, and how it fails when the limit is reached.
typedef struct {
    short events;
    int option;
    int failure;
} waiting;

static const waiting for_input = {POLLIN, SO_RCVTIMEO, EAGAIN};
static const waiting for_output = {POLLOUT, SO_SNDTIMEO, EAGAIN};
static const waiting for_connection = {POLLOUT, SO_SNDTIMEO, EINPROGRESS};

// Waits as long as the interrupted call still may, because the kernel would begin its time-out anew. True if the call is
// to be made again; else errno is what the call itself would have given.
static bool wait_rest(int file, waiting kind, uint64_t start) {
    struct timeval limit = {0, 0};
    socklen_t size = sizeof limit;
    int kept = errno;
    if (getsockopt(file, SOL_SOCKET, kind.option, &limit, &size) != 0) {
        errno = kept;
        return true;
    }
    if (limit.tv_sec == 0 && limit.tv_usec == 0) return true;
    struct timespec whole = {limit.tv_sec, (long)limit.tv_usec * 1000};
    struct timespec left = lp_time_left(&whole, start);
    struct pollfd watched = {file, kind.events, 0};
    int ready = ppoll(&watched, 1, &left, NULL);
    if (ready == 0) errno = kind.failure;
    return ready > 0;
}

// Whether the call that gave this result is to be made again.
static bool must_repeat(long result, lp_attempt before, int file, waiting kind, uint64_t start) {
    return lp_call_again(result, before) && wait_rest(file, kind, start);
}

// Every call below is the same loop around its system call.
#define REPEATED(type, kind, ...)                                                   \
    do {                                                                            \
        uint64_t start = lp_call_start();                                           \
        for (;;) {                                                                  \
            lp_attempt before = lp_begin_attempt();                                   \
            long result = syscall(__VA_ARGS__);                                     \
            if (!must_repeat(result, before, file, kind, start)) return (type)result; \
        }                                                                           \
    } while (0)

LP_INTERPOSER int accept4(int file, __SOCKADDR_ARG address, socklen_t *restrict length, int flags) {
    LP_MAY_BLOCK(lp_socket_waits(file, 0));
    REPEATED(int, for_input, SYS_accept4, (long)file, address, length, (long)flags);
}

LP_INTERPOSER int accept(int file, __SOCKADDR_ARG address, socklen_t *restrict length) {
    LP_MAY_BLOCK(lp_socket_waits(file, 0));
    REPEATED(int, for_input, SYS_accept, (long)file, address, length);
}

LP_INTERPOSER int connect(int file, __CONST_SOCKADDR_ARG address, socklen_t length) {
    LP_MAY_BLOCK(lp_socket_waits(file, 0));
    REPEATED(int, for_connection, SYS_connect, (long)file, address, (long)length);
}

LP_INTERPOSER ssize_t recvfrom(
    int file, void *restrict bytes, size_t size, int flags, __SOCKADDR_ARG address, socklen_t *restrict length
) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(ssize_t, for_input, SYS_recvfrom, (long)file, bytes, size, (long)flags, address, length);
}

LP_INTERPOSER ssize_t recv(int file, void *bytes, size_t size, int flags) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(ssize_t, for_input, SYS_recvfrom, (long)file, bytes, size, (long)flags, NULL, NULL);
}

// What callers compiled with _FORTIFY_SOURCE call in place of the two.
LP_INTERPOSER ssize_t __recv_chk(int file, void *bytes, size_t size, size_t capacity, int flags) {
    if (size > capacity) __chk_fail();
    return recv(file, bytes, size, flags);
}

LP_INTERPOSER ssize_t __recvfrom_chk(
    int file, void *restrict bytes, size_t size, size_t capacity, int flags, __SOCKADDR_ARG address,
    socklen_t *restrict length
) {
    if (size > capacity) __chk_fail();
    return recvfrom(file, bytes, size, flags, address, length);
}

LP_INTERPOSER ssize_t recvmsg(int file, struct msghdr *message, int flags) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(ssize_t, for_input, SYS_recvmsg, (long)file, message, (long)flags);
}

LP_INTERPOSER int recvmmsg(
    int file, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout
) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(int, for_input, SYS_recvmmsg, (long)file, messages, (long)count, (long)flags, timeout);
}

LP_INTERPOSER ssize_t sendto(
    int file, const void *bytes, size_t size, int flags, __CONST_SOCKADDR_ARG address, socklen_t length
) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(ssize_t, for_output, SYS_sendto, (long)file, bytes, size, (long)flags, address, (long)length);
}

LP_INTERPOSER ssize_t send(int file, const void *bytes, size_t size, int flags) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(ssize_t, for_output, SYS_sendto, (long)file, bytes, size, (long)flags, NULL, 0L);
}

LP_INTERPOSER ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(ssize_t, for_output, SYS_sendmsg, (long)file, message, (long)flags);
}

LP_INTERPOSER int sendmmsg(int file, struct mmsghdr *messages, unsigned int count, int flags) {
    LP_MAY_BLOCK(lp_socket_waits(file, flags));
    REPEATED(int, for_output, SYS_sendmmsg, (long)file, messages, (long)count, (long)flags);
}

const void *const lp_socket_interposers[] = {
    (const void *)accept,   (const void *)accept4,        (const void *)connect,    (const void *)recv,
    (const void *)recvfrom, (const void *)recvmsg,        (const void *)recvmmsg,   (const void *)send,
    (const void *)sendto,   (const void *)sendmsg,        (const void *)sendmmsg,   (const void *)__recv_chk,
    (const void *)__recvfrom_chk, NULL,
};

#endif
