// The least a libcurl client can do: one multi handle on epoll, one prebuilt multipart body that all uploads share,
// one reused easy handle for each upload in flight, 128 KB upload buffers, the default allocator, no statistics.
//
// Usage: bare URL FILE UPLOADS IN_FLIGHT [NAME=VALUE ...]. What it does differently is asked for by name:
//   body=post|read|mime|copy   how libcurl gets the body: a pointer, a callback, curl_mime_data, COPYPOSTFIELDS
//   buffer=BYTES               upload buffer
//   pool=1                     blocks of 64 KB and more are kept when libcurl frees them
//   first=BYTES                with body=read, the most that the first read of a body returns
//   burst=ROUNDS               all UPLOADS at once, ROUNDS times, each over connections of its own
//   opened=0                   a burst opens its connections after go
//   rate=PER_SECOND            an open loop; timer=ms waits in whole milliseconds, timer=ns doesn't
//   expect=1                   leaves the Expect field that libcurl adds to large uploads
// Prints one JSON object; times in ns, processor time from go to the last answer. Status 0 if every answer was 200.
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

enum { pool_least = 65536, pool_step = 65536, pool_classes = 17 };

struct slot {
    CURL *easy;
    curl_mime *form;
    size_t offset;
    long long intended;
};

static const char *url, *file_bytes, *body_kind = "post";
static long uploads, in_flight, rounds, buffer = 131072, pooled, first_read, opened = 1, rate, in_ms, expect;
static char *body;
static size_t length, file_length;
static struct slot *slots;
static CURLM *multi;
static int queue;
static long long due = -1, last_sent, go, *times;
static long started, ended, succeeded, timed;

static long long now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// The pool: a free block's first word links to the next; a header before each block holds its class.
static void *free_blocks[pool_classes];

static void *pool_malloc(size_t size) {
    size_t steps = (size + pool_step - 1) / pool_step;
    if (size < pool_least || steps >= pool_classes) steps = 0;
    long *block = steps ? free_blocks[steps] : NULL;
    if (block) free_blocks[steps] = *(void **)(block + 2);
    else if (!(block = malloc(16 + (steps ? steps * pool_step : size)))) return NULL;
    *block = (long)steps;
    return block + 2;
}

static void pool_free(void *pointer) {
    if (!pointer) return;
    long *block = (long *)pointer - 2;
    if (!*block) return free(block);
    *(void **)pointer = free_blocks[*block];
    free_blocks[*block] = block;
}

static void *pool_realloc(void *pointer, size_t size) {
    if (!pointer) return pool_malloc(size);
    long *block = (long *)pointer - 2;
    if (*block) {
        size_t room = (size_t)*block * pool_step;
        if (size <= room) return pointer;
        void *larger = pool_malloc(size);
        if (larger) memcpy(larger, pointer, room), pool_free(pointer);
        return larger;
    }
    block = realloc(block, 16 + size);
    return block ? block + 2 : NULL;
}

static char *pool_strdup(const char *text) {
    char *copy = pool_malloc(strlen(text) + 1);
    return copy ? strcpy(copy, text) : NULL;
}

static void *pool_calloc(size_t count, size_t size) {
    void *block = pool_malloc(count * size);
    return block ? memset(block, 0, count * size) : NULL;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known) {
    (void)easy, (void)user;
    struct epoll_event event = {.data.fd = socket};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(queue, EPOLL_CTL_DEL, socket, NULL);
    } else {
        epoll_ctl(queue, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
        curl_multi_assign(multi, socket, &queue);
    }
    return 0;
}

static int on_timer(CURLM *handle, long milliseconds, void *user) {
    (void)handle, (void)user;
    due = milliseconds < 0 ? -1 : now(CLOCK_MONOTONIC) + milliseconds * 1000000LL;
    return 0;
}

static size_t drop(char *bytes, size_t size, size_t count, void *user) {
    (void)bytes, (void)user;
    return size * count;
}

static size_t read_body(char *space, size_t size, size_t count, void *user) {
    struct slot *slot = user;
    size_t room = size * count, left = length - slot->offset;
    if (first_read && slot->offset == 0 && room > (size_t)first_read) room = (size_t)first_read;
    if (room > left) room = left;
    memcpy(space, body + slot->offset, room);
    slot->offset += room;
    return room;
}

static int on_sending(void *user, char *remote, char *local, int remote_port, int local_port) {
    (void)user, (void)remote, (void)local, (void)remote_port, (void)local_port;
    last_sent = now(CLOCK_MONOTONIC);
    return CURL_PREREQFUNC_OK;
}

// Reads a file and wraps it as the one part of a multipart body.
static int prebuild(const char *path) {
    static const char top[] = "--ingest-bench-boundary\r\nContent-Disposition: form-data; name=\"file\"; "
                              "filename=\"sample.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
    static const char end[] = "\r\n--ingest-bench-boundary--\r\n";
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    fseek(file, 0, SEEK_END);
    file_length = (size_t)ftell(file);
    rewind(file);
    body = malloc(sizeof top + file_length + sizeof end);
    memcpy(body, top, sizeof top - 1);
    if (fread(body + sizeof top - 1, 1, file_length, file) != file_length) return 0;
    file_bytes = body + sizeof top - 1;
    memcpy(body + sizeof top - 1 + file_length, end, sizeof end - 1);
    length = sizeof top - 1 + file_length + sizeof end - 1;
    return fclose(file) == 0;
}

static void give_body(struct slot *slot, struct curl_slist *headers) {
    CURL *easy = slot->easy;
    curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 0L);
    if (strcmp(body_kind, "mime") == 0) {
        curl_mime_free(slot->form);
        slot->form = curl_mime_init(easy);
        curl_mimepart *part = curl_mime_addpart(slot->form);
        curl_mime_name(part, "file");
        curl_mime_filename(part, "sample.pdf");
        curl_mime_data(part, file_bytes, file_length);
        curl_easy_setopt(easy, CURLOPT_MIMEPOST, slot->form);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    if (strcmp(body_kind, "read") == 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
        curl_easy_setopt(easy, CURLOPT_READDATA, slot);
    } else {
        int copies = strcmp(body_kind, "copy") == 0;
        curl_easy_setopt(easy, copies ? CURLOPT_COPYPOSTFIELDS : CURLOPT_POSTFIELDS, body);
    }
}

static void begin(struct slot *slot, long long intended) {
    slot->offset = 0;
    slot->intended = intended;
    started++;
    curl_multi_add_handle(multi, slot->easy);
}

// Waits once, at most until `limit`, and lets libcurl act.
static void turn(long long limit) {
    struct epoll_event events[256];
    int running, ready;
    long long until = due >= 0 && (limit < 0 || due < limit) ? due : limit;
    long long wait = until < 0 ? 1000000000 : until - now(CLOCK_MONOTONIC);
    if (wait < 0) wait = 0;
    if (in_ms) {
        ready = epoll_wait(queue, events, 256, (int)((wait + 999999) / 1000000));
    } else {
        struct timespec span = {wait / 1000000000, wait % 1000000000};
        ready = epoll_pwait2(queue, events, 256, &span, NULL);
    }
    for (int i = 0; i < ready; i++) {
        int what = (events[i].events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0)
                   | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
                   | (events[i].events & EPOLLERR ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(multi, events[i].data.fd, what, &running);
    }
    if (due >= 0 && due <= now(CLOCK_MONOTONIC)) {
        due = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

// Takes the next transfer that has ended out of the multi handle.
static struct slot *next_ended(int counts) {
    int left;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    if (!message) return NULL;
    struct slot *slot = NULL;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    if (counts) {
        succeeded += message->data.result == CURLE_OK && status == 200;
        ended++;
        if (times) times[timed++] = now(CLOCK_MONOTONIC) - slot->intended;
    }
    curl_multi_remove_handle(multi, slot->easy);
    return slot;
}

// Opens a connection for each slot by a HEAD, 64 at a time.
static void open_connections(struct curl_slist *headers) {
    long asked = 0, done = 0;
    for (long i = 0; i < in_flight; i++) {
        curl_easy_setopt(slots[i].easy, CURLOPT_NOBODY, 1L);
        curl_easy_setopt(slots[i].easy, CURLOPT_FRESH_CONNECT, 1L);
    }
    while (done < in_flight) {
        while (asked < in_flight && asked - done < 64) curl_multi_add_handle(multi, slots[asked++].easy);
        turn(-1);
        while (next_ended(0)) done++;
    }
    for (long i = 0; i < in_flight; i++) give_body(&slots[i], headers);
}

static int compare(const void *left, const void *right) {
    long long a = *(const long long *)left, b = *(const long long *)right;
    return a < b ? -1 : a > b;
}

// Sends one round; gives the processor time that it took.
static long long run(struct curl_slist *headers) {
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, in_flight + 8);
    started = ended = 0;
    due = -1;
    for (long i = 0; i < in_flight; i++) give_body(&slots[i], headers);
    if (rounds && opened) open_connections(headers);
    go = now(CLOCK_MONOTONIC);
    long long processor = now(CLOCK_THREAD_CPUTIME_ID), interval = rate ? 1000000000 / rate : 0;
    long free_slots = in_flight;
    struct slot **stack = malloc((size_t)in_flight * sizeof *stack);
    for (long i = 0; i < in_flight; i++) stack[i] = &slots[in_flight - 1 - i];
    while (ended < uploads) {
        while (free_slots && started < uploads && (!rate || go + started * interval <= now(CLOCK_MONOTONIC))) {
            begin(stack[--free_slots], rate ? go + started * interval : now(CLOCK_MONOTONIC));
        }
        turn(rate && free_slots && started < uploads ? go + started * interval : -1);
        for (struct slot *slot; (slot = next_ended(1));) stack[free_slots++] = slot;
    }
    free(stack);
    processor = now(CLOCK_THREAD_CPUTIME_ID) - processor;
    curl_multi_cleanup(multi);
    return processor;
}

static int read_options(int count, char **arguments) {
    if (count < 5) return 0;
    url = arguments[1], uploads = atol(arguments[3]), in_flight = atol(arguments[4]);
    struct { const char *name; long *value; } numbers[] = {
        {"buffer=", &buffer}, {"pool=", &pooled}, {"first=", &first_read}, {"burst=", &rounds},
        {"opened=", &opened}, {"rate=", &rate},   {"expect=", &expect},
    };
    for (int i = 5; i < count; i++) {
        int known = strncmp(arguments[i], "timer=", 6) == 0;
        if (known) in_ms = strcmp(arguments[i] + 6, "ms") == 0;
        if (strncmp(arguments[i], "body=", 5) == 0) body_kind = arguments[i] + 5, known = 1;
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++) {
            size_t size = strlen(numbers[j].name);
            if (strncmp(arguments[i], numbers[j].name, size)) continue;
            *numbers[j].value = atol(arguments[i] + size), known = 1;
        }
        if (!known) return 0;
    }
    return uploads > 0 && in_flight > 0 && prebuild(arguments[2]);
}

int main(int count, char **arguments) {
    if (!read_options(count, arguments)) return 64;
    if (pooled) {
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, pool_malloc, pool_free, pool_realloc, pool_strdup, pool_calloc);
    } else {
        curl_global_init(CURL_GLOBAL_DEFAULT);
    }
    queue = epoll_create1(0);
    struct curl_slist *headers = NULL;
    headers = curl_slist_append(headers, "Content-Type: multipart/form-data; boundary=ingest-bench-boundary");
    if (!expect) headers = curl_slist_append(headers, "Expect:");
    slots = calloc((size_t)in_flight, sizeof *slots);
    if (rate) times = malloc((size_t)uploads * sizeof *times);
    for (long i = 0; i < in_flight; i++) {
        CURL *easy = slots[i].easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &slots[i]);
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, buffer);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
        if (rounds) curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    }
    long long processor = 0, begun = now(CLOCK_MONOTONIC);
    printf("{\"last_sent_ns\": [");
    for (long round = 0; round < (rounds ? rounds : 1); round++) {
        processor += run(headers);
        if (rounds) printf("%s%lld", round ? ", " : "", last_sent - go);
    }
    long long p50 = -1, maximum = -1;
    if (timed) {
        qsort(times, (size_t)timed, sizeof *times, compare);
        p50 = times[(timed - 1) / 2], maximum = times[timed - 1];
    }
    printf("], \"uploads\": %ld, \"cpu_ns\": %lld, \"wall_ns\": %lld, \"p50_ns\": %lld, \"max_ns\": %lld}\n",
           succeeded, processor, now(CLOCK_MONOTONIC) - begun, p50, maximum);
    return succeeded == uploads * (rounds ? rounds : 1) ? 0 : 1;
}
