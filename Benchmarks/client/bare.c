// The least a libcurl client can do: one multi handle on epoll, one prebuilt multipart body that all uploads share,
// one reused easy handle for each upload in flight, 128 KB upload buffers, the default allocator, no statistics.
// Usage: bare URL FILE UPLOADS IN_FLIGHT. Exit status 0 when every upload was answered with 200.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static int queue;
static long timeout_ms = -1;

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known) {
    (void)easy, (void)user;
    CURLM *multi = user;
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

static int on_timer(CURLM *multi, long milliseconds, void *user) {
    (void)multi, (void)user;
    timeout_ms = milliseconds;
    return 0;
}

static size_t drop(char *bytes, size_t size, size_t count, void *user) {
    (void)bytes, (void)user;
    return size * count;
}

// Reads a file and wraps it as the one part of a multipart body.
static char *prebuild(const char *path, size_t *length) {
    static const char top[] = "--ingest-bench-boundary\r\nContent-Disposition: form-data; name=\"file\"; "
                              "filename=\"sample.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
    static const char end[] = "\r\n--ingest-bench-boundary--\r\n";
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *body = malloc(sizeof top + size + sizeof end);
    memcpy(body, top, sizeof top - 1);
    if (fread(body + sizeof top - 1, 1, size, file) != size) return NULL;
    memcpy(body + sizeof top - 1 + size, end, sizeof end - 1);
    *length = sizeof top - 1 + size + sizeof end - 1;
    fclose(file);
    return body;
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    long uploads = atol(arguments[3]), in_flight = atol(arguments[4]), started = 0, succeeded = 0, ended = 0;
    size_t length;
    char *body = prebuild(arguments[2], &length);
    if (!body) return 64;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    queue = epoll_create1(0);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, in_flight + 8);
    struct curl_slist *headers = NULL;
    headers = curl_slist_append(headers, "Content-Type: multipart/form-data; boundary=ingest-bench-boundary");
    headers = curl_slist_append(headers, "Expect:");
    for (; started < in_flight && started < uploads; started++) {
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 131072L);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_multi_add_handle(multi, easy);
    }
    int running = 1;
    struct epoll_event events[256];
    while (ended < uploads) {
        int ready = epoll_wait(queue, events, 256, timeout_ms > 1000 || timeout_ms < 0 ? 1000 : (int)timeout_ms);
        if (ready <= 0) curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        for (int i = 0; i < ready; i++) {
            int what = (events[i].events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0)
                       | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
                       | (events[i].events & EPOLLERR ? CURL_CSELECT_ERR : 0);
            curl_multi_socket_action(multi, events[i].data.fd, what, &running);
        }
        int left;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
            if (message->msg != CURLMSG_DONE) continue;
            long status = 0;
            curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
            succeeded += message->data.result == CURLE_OK && status == 200;
            ended++;
            CURL *easy = message->easy_handle;
            curl_multi_remove_handle(multi, easy);
            if (started < uploads) {
                started++;
                curl_multi_add_handle(multi, easy);
            }
        }
    }
    return succeeded == uploads ? 0 : 1;
}
