// A server that plays a script and logs what truly happened: plain sockets, one thread, no code of the load engine.
//
// Usage: accuracy-server LOGFILE [SCRIPT ...]. Prints its port on standard output; on SIGTERM writes the log and ends.
//   delay=MS                  every upload takes this long
//   mix=SHARE:MS,SHARE:MS...  or as long as this is drawn, shares in percent; seed=N draws another sequence
//   slower=PERCENT            uploads to /slower take longer by this much
//   stall=MS/PERIOD           in the middle of every period no answer leaves for so many milliseconds
//   fail=N                    every n-th upload is answered with 500
//   cut=N                     every n-th is cut off when an eighth of its body has arrived
//   early=STATUS              every upload is answered so after its head, and read afterwards
// A line of the log is an upload: its number, its round, when its first byte arrived, when its last body byte had
// arrived, when its answer left (ns on CLOCK_MONOTONIC), body bytes and status. Rounds are told apart by 200 ms without
// an upload; the script's periods begin with the first upload of each round. HEAD and GET are answered and not logged.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_connections = 65536, head_limit = 8192, mix_limit = 8, quiet_ms = 200 };

typedef long long nanoseconds;

struct upload {
    int round, status, descriptor;
    nanoseconds arrival, whole, reply, due;
    long long bytes;
};

struct connection {
    char head[head_limit];
    size_t head_length;
    long long body_left; // -1 while the head is being read
    long long cut_at;    // how much of the body is left when the connection is cut off; -1 for never
    long upload;         // its place in the log, or -1
    int is_slower;
};

static struct connection *connections[most_connections];
static struct upload *uploads;
static long upload_count, upload_room, waiting_count, waiting_room;
static long *waiting; // a heap of uploads by when they are due
static int queue, round_number = -1, mix_count, fail_every, cut_every, early_status;
static nanoseconds round_start, last_activity, delay, stall, period, mix_delay[mix_limit];
static double mix_share[mix_limit], slower;
static uint64_t seed = 42;
static volatile sig_atomic_t stopped;

static void stop(int number) {
    (void)number;
    stopped = 1;
}

static nanoseconds now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// A number from 0 to 1 (xorshift64*, Vigna 2016): another generator than the engine's.
static double draw(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (double)((seed * 0x2545F4914F6CDD1DULL) >> 11) * 0x1p-53;
}

static nanoseconds service_time(int is_slower) {
    nanoseconds time = delay;
    double share = mix_count ? draw() * 100 : 0;
    for (int i = 0; i < mix_count; i++) {
        time = mix_delay[i];
        if ((share -= mix_share[i]) < 0) break;
    }
    return is_slower ? (nanoseconds)((double)time * (1 + slower / 100)) : time;
}

// When an answer that is ready at `time` may leave: not during a stall.
static nanoseconds after_stall(nanoseconds time) {
    if (!stall) return time;
    nanoseconds phase = (time - round_start) % period, begin = (period - stall) / 2;
    return phase >= begin && phase < begin + stall ? time + begin + stall - phase : time;
}

static void swap_waiting(long left, long right) {
    long kept = waiting[left];
    waiting[left] = waiting[right];
    waiting[right] = kept;
}

static int is_sooner(long left, long right) {
    const struct upload *one = &uploads[waiting[left]], *other = &uploads[waiting[right]];
    return one->due < other->due || (one->due == other->due && waiting[left] < waiting[right]);
}

static void push(long upload) {
    if (waiting_count == waiting_room) {
        waiting_room = waiting_room ? 2 * waiting_room : 1024;
        waiting = realloc(waiting, (size_t)waiting_room * sizeof *waiting);
    }
    long place = waiting_count++;
    waiting[place] = upload;
    for (; place > 0 && is_sooner(place, (place - 1) / 2); place = (place - 1) / 2) swap_waiting(place, (place - 1) / 2);
}

static long pop(void) {
    long first = waiting[0];
    waiting[0] = waiting[--waiting_count];
    for (long place = 0, child; (child = 2 * place + 1) < waiting_count; place = child) {
        if (child + 1 < waiting_count && is_sooner(child + 1, child)) child++;
        if (!is_sooner(child, place)) break;
        swap_waiting(child, place);
    }
    return first;
}

static int send_answer(int descriptor, int status, int has_body) {
    char text[128];
    int length = snprintf(text, sizeof text, "HTTP/1.1 %d Played\r\nContent-Length: 2\r\n\r\n%s", status,
                          has_body ? "ok" : "");
    return send(descriptor, text, (size_t)length, MSG_NOSIGNAL) == length ? 0 : -1;
}

static void begin_upload(struct connection *connection, int descriptor, nanoseconds time) {
    if (upload_count == upload_room) {
        upload_room = upload_room ? 2 * upload_room : 4096;
        uploads = realloc(uploads, (size_t)upload_room * sizeof *uploads);
    }
    if (round_number < 0 || (waiting_count == 0 && time - last_activity > quiet_ms * 1000000LL)) {
        round_number++;
        round_start = time;
    }
    last_activity = time;
    connection->upload = upload_count;
    uploads[upload_count++] = (struct upload){.round = round_number, .descriptor = descriptor, .arrival = time};
}

static void end_upload(struct connection *connection) {
    struct upload *upload = &uploads[connection->upload];
    upload->whole = now();
    if (early_status) {
        upload->status = early_status;
        connection->upload = -1;
        return;
    }
    upload->status = fail_every && (connection->upload + 1) % fail_every == 0 ? 500 : 200;
    upload->due = after_stall(upload->whole + service_time(connection->is_slower));
    last_activity = upload->whole;
    push(connection->upload);
    connection->upload = -1;
}

// Takes bytes of a head; returns how many of them belonged to it, or -1 when the connection is of no use.
static ssize_t take_head(int descriptor, struct connection *connection, const char *bytes, size_t length) {
    size_t room = head_limit - 1 - connection->head_length, taken = length < room ? length : room;
    size_t before = connection->head_length;
    nanoseconds time = now();
    if (before == 0) {
        connection->upload = -1;
        if (bytes[0] == 'P') begin_upload(connection, descriptor, time);
    }
    memcpy(connection->head + before, bytes, taken);
    connection->head_length += taken;
    connection->head[connection->head_length] = 0;
    char *end = strstr(connection->head, "\r\n\r\n");
    if (!end) return taken == room ? -1 : (ssize_t)taken;
    end[2] = 0;
    ssize_t used = (end + 4 - connection->head) - (ssize_t)before;
    connection->head_length = 0;
    if (connection->upload < 0) {
        return send_answer(descriptor, 200, connection->head[0] == 'G') < 0 ? -1 : used;
    }
    char *field = strcasestr(connection->head, "\r\ncontent-length:");
    connection->body_left = field ? atoll(field + 17) : 0;
    connection->cut_at = -1;
    if (cut_every && (connection->upload + 1) % cut_every == 0) connection->cut_at = connection->body_left / 8 * 7;
    if (early_status && send_answer(descriptor, early_status, 1) < 0) return -1;
    connection->is_slower = strncmp(connection->head, "POST /slower ", 13) == 0;
    return used;
}

static int serve(int descriptor) {
    static char scratch[262144];
    struct connection *connection = connections[descriptor];
    ssize_t count = recv(descriptor, scratch, sizeof scratch, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count <= 0) return -1;
    for (const char *bytes = scratch; count > 0;) {
        ssize_t used;
        if (connection->body_left < 0) {
            used = take_head(descriptor, connection, bytes, (size_t)count);
            if (used < 0) return -1;
        } else {
            used = count < connection->body_left ? count : (ssize_t)connection->body_left;
            connection->body_left -= used;
            uploads[connection->upload].bytes += used;
            if (connection->body_left <= connection->cut_at) return -1;
        }
        bytes += used;
        count -= used;
        if (connection->body_left == 0) {
            connection->body_left = -1;
            end_upload(connection);
        }
    }
    return 0;
}

static void take_connection(int listener) {
    int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return;
    if (accepted >= most_connections) {
        close(accepted);
        return;
    }
    int on = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!connections[accepted]) connections[accepted] = malloc(sizeof(struct connection));
    connections[accepted]->head_length = 0;
    connections[accepted]->body_left = -1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = accepted};
    epoll_ctl(queue, EPOLL_CTL_ADD, accepted, &event);
}

// A client that has gone takes no answer: its upload stays in the log with status 0.
static void forget_connection(int descriptor) {
    for (long i = 0; i < waiting_count; i++) {
        struct upload *upload = &uploads[waiting[i]];
        if (upload->descriptor == descriptor) upload->descriptor = -1, upload->status = 0;
    }
    close(descriptor);
}

static void answer_due(void) {
    while (waiting_count > 0 && uploads[waiting[0]].due <= now()) {
        struct upload *upload = &uploads[pop()];
        last_activity = now();
        if (upload->descriptor < 0) continue;
        upload->reply = last_activity;
        if (send_answer(upload->descriptor, upload->status, 1) < 0) upload->status = 0;
    }
}

static int read_script(const char *part) {
    double length, every;
    long long number;
    if (sscanf(part, "delay=%lf", &length) == 1) delay = (nanoseconds)(length * 1e6);
    else if (sscanf(part, "stall=%lf/%lf", &length, &every) == 2 && every > length) {
        stall = (nanoseconds)(length * 1e6), period = (nanoseconds)(every * 1e6);
    } else if (sscanf(part, "seed=%lld", &number) == 1 && number > 0) seed = (uint64_t)number;
    else if (sscanf(part, "slower=%lf", &length) == 1) slower = length;
    else if (sscanf(part, "fail=%lld", &number) == 1 && number > 0) fail_every = (int)number;
    else if (sscanf(part, "cut=%lld", &number) == 1 && number > 0) cut_every = (int)number;
    else if (sscanf(part, "early=%lld", &number) == 1) early_status = (int)number;
    else if (strncmp(part, "mix=", 4) == 0) {
        int used = 0;
        for (const char *entry = part + 4; mix_count < mix_limit; entry += used + 1) {
            if (sscanf(entry, "%lf:%lf%n", &mix_share[mix_count], &length, &used) != 2) return 0;
            mix_delay[mix_count++] = (nanoseconds)(length * 1e6);
            if (!entry[used]) return 1;
        }
        return 0;
    } else return 0;
    return 1;
}

static int write_log(const char *path) {
    FILE *log = fopen(path, "w");
    if (!log) return 1;
    for (long i = 0; i < upload_count; i++) {
        const struct upload *upload = &uploads[i];
        fprintf(log, "%ld %d %lld %lld %lld %lld %d\n", i, upload->round, upload->arrival, upload->whole, upload->reply,
                upload->bytes, upload->status);
    }
    return fclose(log) ? 1 : 0;
}

int main(int count, char **arguments) {
    if (count < 2) return 64;
    for (int i = 2; i < count; i++) {
        if (!read_script(arguments[i])) return 64;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    // Whoever starts it may be a thread that blocks all signals, and a child inherits that.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &ending, NULL);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    queue = epoll_create1(EPOLL_CLOEXEC);
    // Small and fixed where uploads are cut off, so that they are still being sent by then.
    int room = 65536;
    if (cut_every || early_status) setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
    while (!stopped) {
        nanoseconds wait = 100000000;
        if (waiting_count > 0) {
            wait = uploads[waiting[0]].due - now();
            wait = wait < 0 ? 0 : wait < 100000000 ? wait : 100000000;
        }
        struct timespec span = {.tv_nsec = wait};
        int ready = epoll_pwait2(queue, events, 256, &span, NULL);
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == listener) take_connection(listener);
            else if (serve(descriptor) < 0) forget_connection(descriptor);
        }
        answer_due();
    }
    return write_log(arguments[1]);
}
