#define _GNU_SOURCE
#include "CMuPDF.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// What a process does with itself before it reads strangers' PDFs, and how it is told to leave one.

int cmupdf_spawn(const char *path, char *const arguments[], char *const environment[], int socket,
                 int32_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0) ||
                 posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0) ||
                 posix_spawn_file_actions_adddup2(&actions, socket, 3) ||
                 posix_spawn_file_actions_addclosefrom_np(&actions, 4) ||
                 // A group of its own: Ctrl-C is for the server, which still needs its workers to end in order.
                 posix_spawnattr_setpgroup(&attributes, 0) ||
                 posix_spawnattr_setsigdefault(&attributes, &all) ||
                 posix_spawnattr_setsigmask(&attributes, &none) ||
                 posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                                           POSIX_SPAWN_SETSIGMASK);
    pid_t spawned = 0;
    int error = failed ? ENOMEM : posix_spawn(&spawned, path, &actions, &attributes, arguments, environment);
    *process = spawned;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/// Beside the memory of the document: its file, its text and images on their way out, and the stack.
static const size_t memory_beside = 256 << 20;

enum { open_files = 16 };

static bool set_limit(int resource, rlim_t soft, rlim_t hard) {
    struct rlimit limit = {soft, hard};
    return setrlimit(resource, &limit) == 0;
}

/// Reads a figure of /proc/self/statm, which counts in pages: 0 is all that is mapped, 1 what is in memory.
static size_t memory_figure(int which) {
    unsigned long figures[2] = {0, 0};
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    int count = fscanf(file, "%lu %lu", &figures[0], &figures[1]);
    fclose(file);
    return count == 2 ? figures[which] * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

size_t cmupdf_resident_memory(void) { return memory_figure(1); }

bool cmupdf_confine(size_t memory) {
    // Or a worker would outlive a server that was killed in mid-document.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return false;
    // A file-size limit is a signal, and a message past it is not worth dying for.
    signal(SIGXFSZ, SIG_IGN);
    mallopt(M_ARENA_MAX, 1);
    cmupdf_tune_memory();
    bool done = set_limit(RLIMIT_CORE, 0, 0) && set_limit(RLIMIT_FSIZE, 0, 0) &&
                set_limit(RLIMIT_NOFILE, open_files, open_files);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // The sanitizers map terabytes.
    size_t mapped = memory_figure(0);
    size_t most = mapped + memory_beside > SIZE_MAX - memory ? SIZE_MAX : mapped + memory_beside + memory;
    done = done && set_limit(RLIMIT_AS, most, most);
#endif
    return done;
}

bool cmupdf_allow_processor_time(uint64_t seconds) {
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0)
        return false;
    uint64_t before = (uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec + 1;
    rlim_t soft = seconds > INT32_MAX ? RLIM_INFINITY : (rlim_t)(before + seconds);
    return set_limit(RLIMIT_CPU, soft, RLIM_INFINITY);
}

// A signal may come before its document has arrived, or when it is gone already: so it carries a number.

static _Atomic(cmupdf_cancellation *) current;
static atomic_uint current_number;
static atomic_uint cancelled_number;

static void take_signal(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    if (info->si_code != SI_QUEUE)
        return;
    unsigned document = (unsigned)info->si_value.sival_int;
    atomic_store(&cancelled_number, document);
    cmupdf_cancellation *cancellation = atomic_load(&current);
    if (cancellation && document == atomic_load(&current_number))
        cmupdf_cancel(cancellation);
}

bool cmupdf_cancel_on_signal(void) {
    struct sigaction action = {.sa_sigaction = take_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    return sigaction(SIGUSR1, &action, NULL) == 0;
}

void cmupdf_document_begins(uint32_t document, cmupdf_cancellation *cancellation) {
    atomic_store(&current_number, document);
    atomic_store(&current, cancellation);
    if (atomic_load(&cancelled_number) == document)
        cmupdf_cancel(cancellation);
}

void cmupdf_document_ended(void) { atomic_store(&current, NULL); }

bool cmupdf_signal_cancel(int32_t process, uint32_t document) {
    union sigval value = {.sival_int = (int)document};
    return sigqueue(process, SIGUSR1, value) == 0;
}
