// Reading and writing, told in strict mode: of pipes and sockets that wait with the calls, of files only with files.
//
// What the C library does inside, as for fread, is out of reach.
#include "strict.h"

#if LP_IS_SUPPORTED

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

// What callers compiled with _FORTIFY_SOURCE call in place of the plain ones; in no header.
LP_INTERPOSER ssize_t __read_chk(int file, void *bytes, size_t size, size_t capacity);
LP_INTERPOSER ssize_t __pread_chk(int file, void *bytes, size_t size, off_t offset, size_t capacity);
LP_INTERPOSER ssize_t __pread64_chk(int file, void *bytes, size_t size, off64_t offset, size_t capacity);
LP_INTERPOSER int __open_2(const char *path, int flags);
LP_INTERPOSER int __open64_2(const char *path, int flags);
LP_INTERPOSER int __openat_2(int folder, const char *path, int flags);
LP_INTERPOSER int __openat64_2(int folder, const char *path, int flags);

#if !defined(LP_IS_SANITIZED)
#define OWN(name) (const void *)name
#else
#define OWN(name) NULL
#endif

#define FILES(X)                                                                                                   \
    X(read, NULL) X(pread, NULL) X(pread64, NULL) X(readv, NULL) X(preadv, NULL) X(preadv64, NULL)                 \
    X(write, NULL) X(pwrite, NULL) X(pwrite64, NULL) X(writev, NULL) X(pwritev, NULL) X(pwritev64, NULL)           \
    X(__read_chk, NULL) X(__pread_chk, NULL) X(__pread64_chk, NULL) X(open, NULL) X(open64, NULL) X(openat, NULL)  \
    X(openat64, NULL) X(creat, NULL) X(creat64, NULL) X(__open_2, NULL) X(__open64_2, NULL) X(__openat_2, NULL)    \
    X(__openat64_2, NULL) X(fsync, NULL) X(fdatasync, NULL) X(rename, NULL) X(renameat, NULL) X(renameat2, NULL)

FILES(LP_REAL_CALL)

lp_real_call *const lp_real_files[] = {FILES(LP_REAL_ENTRY) NULL};

#if !defined(LP_IS_SANITIZED)

#define ON_FILE(type, name, parameters, ...)         \
    LP_INTERPOSER type name parameters {             \
        LP_MAY_BLOCK_BY(lp_strictness_of(file));     \
        LP_RETURN_REAL(name, -1, __VA_ARGS__);       \
    }

ON_FILE(ssize_t, read, (int file, void *bytes, size_t size), file, bytes, size)
ON_FILE(ssize_t, pread, (int file, void *bytes, size_t size, off_t offset), file, bytes, size, offset)
ON_FILE(ssize_t, pread64, (int file, void *bytes, size_t size, off64_t offset), file, bytes, size, offset)
ON_FILE(ssize_t, readv, (int file, const struct iovec *parts, int count), file, parts, count)
ON_FILE(ssize_t, preadv, (int file, const struct iovec *parts, int count, off_t offset), file, parts, count, offset)
ON_FILE(
    ssize_t, preadv64, (int file, const struct iovec *parts, int count, off64_t offset), file, parts, count, offset
)
ON_FILE(ssize_t, write, (int file, const void *bytes, size_t size), file, bytes, size)
ON_FILE(ssize_t, pwrite, (int file, const void *bytes, size_t size, off_t offset), file, bytes, size, offset)
ON_FILE(ssize_t, pwrite64, (int file, const void *bytes, size_t size, off64_t offset), file, bytes, size, offset)
ON_FILE(ssize_t, writev, (int file, const struct iovec *parts, int count), file, parts, count)
ON_FILE(ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t offset), file, parts, count, offset)
ON_FILE(
    ssize_t, pwritev64, (int file, const struct iovec *parts, int count, off64_t offset), file, parts, count, offset
)
ON_FILE(ssize_t, __read_chk, (int file, void *bytes, size_t size, size_t capacity), file, bytes, size, capacity)
ON_FILE(
    ssize_t, __pread_chk, (int file, void *bytes, size_t size, off_t offset, size_t capacity), file, bytes, size,
    offset, capacity
)
ON_FILE(
    ssize_t, __pread64_chk, (int file, void *bytes, size_t size, off64_t offset, size_t capacity), file, bytes, size,
    offset, capacity
)
ON_FILE(int, fsync, (int file), file)
ON_FILE(int, fdatasync, (int file), file)

#define ON_PATH(type, name, parameters, ...)         \
    LP_INTERPOSER type name parameters {             \
        LP_MAY_BLOCK_BY(LP_STRICT_FILES);            \
        LP_RETURN_REAL(name, -1, __VA_ARGS__);       \
    }

ON_PATH(int, __open_2, (const char *path, int flags), path, flags)
ON_PATH(int, __open64_2, (const char *path, int flags), path, flags)
ON_PATH(int, __openat_2, (int folder, const char *path, int flags), folder, path, flags)
ON_PATH(int, __openat64_2, (int folder, const char *path, int flags), folder, path, flags)
ON_PATH(int, creat, (const char *path, mode_t mode), path, mode)
ON_PATH(int, creat64, (const char *path, mode_t mode), path, mode)
ON_PATH(int, rename, (const char *from, const char *to), from, to)
ON_PATH(int, renameat, (int folder, const char *from, int target, const char *to), folder, from, target, to)
ON_PATH(
    int, renameat2, (int folder, const char *from, int target, const char *to, unsigned int flags), folder, from,
    target, to, flags
)

// The mode is only there for a call that may make a file.
#define MODE_BEHIND(last)                                                             \
    mode_t mode = 0;                                                                  \
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {                 \
        va_list rest;                                                                 \
        va_start(rest, last);                                                         \
        mode = va_arg(rest, mode_t);                                                  \
        va_end(rest);                                                                 \
    }

LP_INTERPOSER int open(const char *path, int flags, ...) {
    LP_MAY_BLOCK_BY(LP_STRICT_FILES);
    MODE_BEHIND(flags)
    LP_RETURN_REAL(open, -1, path, flags, mode);
}

LP_INTERPOSER int open64(const char *path, int flags, ...) {
    LP_MAY_BLOCK_BY(LP_STRICT_FILES);
    MODE_BEHIND(flags)
    LP_RETURN_REAL(open64, -1, path, flags, mode);
}

LP_INTERPOSER int openat(int folder, const char *path, int flags, ...) {
    LP_MAY_BLOCK_BY(LP_STRICT_FILES);
    MODE_BEHIND(flags)
    LP_RETURN_REAL(openat, -1, folder, path, flags, mode);
}

LP_INTERPOSER int openat64(int folder, const char *path, int flags, ...) {
    LP_MAY_BLOCK_BY(LP_STRICT_FILES);
    MODE_BEHIND(flags)
    LP_RETURN_REAL(openat64, -1, folder, path, flags, mode);
}

#endif
#endif
