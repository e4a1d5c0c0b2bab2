// A server that swallows uploads: one thread, epoll, answers 200 to every request once its body has been read.
//
// Usage: sink PORTFILE [backlog=N] [continue=1]. Writes its port to PORTFILE; ends on SIGTERM. `GET /count` is answered
// with "UPLOADS BYTES CONNECTIONS" so far (bodies only). With continue=1 it grants what an Expect field asks for,
// else it ignores it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { maximum_connections = 65536, head_limit = 16384, read_size = 262144 };

struct connection {
    char head[head_limit];
    size_t head_length;
    long long body_left; // -1 while the head is being read
    int is_head_request, is_count_request, is_old;
};

static struct connection *connections[maximum_connections];
static char scratch[read_size];
static long long requests, body_bytes, accepted_connections;
static int grants;
static volatile sig_atomic_t stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = 1;
}

static void answer(int descriptor, struct connection *connection) {
    static const char fine[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    // HTTP/1.0 closes unless both ends say otherwise.
    static const char kept[] = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok";
    const char *reply = connection->is_old ? kept : fine;
    size_t length = (connection->is_old ? sizeof kept : sizeof fine) - 1 - (connection->is_head_request ? 2 : 0);
    char counts[256], text[96];
    if (connection->is_count_request) {
        int size = snprintf(text, sizeof text, "%lld %lld %lld", requests, body_bytes, accepted_connections);
        length = (size_t)snprintf(counts, sizeof counts, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, text);
        reply = counts;
    } else if (!connection->is_head_request) {
        requests++;
    }
    connection->body_left = -1;
    connection->head_length = 0;
    if (write(descriptor, reply, length) != (ssize_t)length) shutdown(descriptor, SHUT_RDWR);
}

// Takes bytes of a head, and answers an Expect field if asked to; returns how many of them belonged to it, or -1 when
// the head is too long.
static ssize_t take_head(int descriptor, struct connection *connection, const char *bytes, size_t length) {
    size_t room = head_limit - 1 - connection->head_length, taken = length < room ? length : room;
    size_t before = connection->head_length;
    memcpy(connection->head + before, bytes, taken);
    connection->head_length += taken;
    connection->head[connection->head_length] = 0;
    char *end = strstr(connection->head, "\r\n\r\n");
    if (!end) return taken == room ? -1 : (ssize_t)taken;
    end[2] = 0;
    char *field = strcasestr(connection->head, "\r\ncontent-length:");
    connection->body_left = field ? atoll(field + 17) : 0;
    connection->is_head_request = strncmp(connection->head, "HEAD ", 5) == 0;
    char *line = strstr(connection->head, "\r\n");
    connection->is_old = line && line - connection->head > 8 && strncmp(line - 8, "HTTP/1.0", 8) == 0;
    connection->is_count_request = strncmp(connection->head, "GET /count ", 11) == 0;
    if (grants && strcasestr(connection->head, "\r\nexpect: 100-continue")) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        if (write(descriptor, go_on, sizeof go_on - 1) != sizeof go_on - 1) return -1;
    }
    return (end + 4 - connection->head) - (ssize_t)before;
}

static int serve(int descriptor, struct connection *connection) {
    ssize_t count = read(descriptor, scratch, read_size);
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
            body_bytes += used;
        }
        bytes += used;
        count -= used;
        if (connection->body_left == 0) answer(descriptor, connection);
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count < 2) return 64;
    int backlog = 4096;
    for (int i = 2; i < count; i++) {
        if (strncmp(arguments[i], "backlog=", 8) == 0) backlog = atoi(arguments[i] + 8);
        else if (strncmp(arguments[i], "continue=", 9) == 0) grants = atoi(arguments[i] + 9);
        else return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    int listener = socket(AF_INET, SOCK_STREAM, 0), queue = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, backlog)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    FILE *port = fopen(arguments[1], "w");
    if (!port) return 1;
    fprintf(port, "%d\n", ntohs(address.sin_port));
    fclose(port);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
    while (!stopped) {
        int ready = epoll_wait(queue, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == listener) {
                int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (accepted < 0 || accepted >= maximum_connections) continue;
                if (!connections[accepted]) connections[accepted] = malloc(sizeof(struct connection));
                accepted_connections++;
                connections[accepted]->head_length = 0;
                connections[accepted]->body_left = -1;
                event = (struct epoll_event){.events = EPOLLIN, .data.fd = accepted};
                epoll_ctl(queue, EPOLL_CTL_ADD, accepted, &event);
            } else if (serve(descriptor, connections[descriptor]) < 0) {
                close(descriptor);
            }
        }
    }
    return 0;
}
