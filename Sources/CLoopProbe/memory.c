// Reads that cannot fault, and the futex.
#include "probe_internal.h"

#if LP_IS_SUPPORTED

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

bool lp_safe_read(uint64_t address, void *out, size_t size) {
    int kept = errno;
    struct iovec local = {out, size};
    struct iovec remote = {(void *)(uintptr_t)address, size};
    // The system calls themselves: glibc's getpid and wrapper are safe, but cost a jump through the linker's table,
    // whose first use may lock.
    long pid = syscall(SYS_getpid);
    long got = syscall(SYS_process_vm_readv, pid, &local, 1L, &remote, 1L, 0L);
    errno = kept;
    return got == (long)size;
}

void lp_wake(_Atomic uint32_t *word) {
    int kept = errno;
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
    errno = kept;
}

void lp_wait(_Atomic uint32_t *word, uint32_t value, uint64_t timeout_ns) {
    int kept = errno;
    struct timespec timeout = {(time_t)(timeout_ns / 1000000000u), (long)(timeout_ns % 1000000000u)};
    syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, &timeout, NULL, 0);
    errno = kept;
}

#endif
