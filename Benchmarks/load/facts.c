// Two facts about the libcurl at hand that the engine is built around, each shown on a server of its own thread.
//
//   facts first-byte    what STARTTRANSFER_TIME says of an upload whose server thinks for 200 ms
//   facts sent-twice    what the server receives when a kept connection dies before the first response byte,
//                       by itself and when the second attempt is refused
// Prints one JSON object.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { body_size = 944943, asked = 4, thinking_us = 200000 };

static int listener, kills_reused;
// One upload is under way at a time, so one connection at a time touches these.
static long uploads, received;
static char body[body_size], space[262144];
static int attempts;

static int answer(int connection) {
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    return write(connection, reply, sizeof reply - 1) == sizeof reply - 1;
}

// Serves one request; 0 ends the connection. The engine's order: a HEAD opens it, an upload reuses it.
static int serve(int connection, int number) {
    char head[8192];
    size_t length = 0;
    char *end = NULL;
    while (!end) {
        ssize_t count = read(connection, head + length, 1);
        if (count <= 0 || length > sizeof head - 2) return 0;
        head[++length] = 0;
        end = strstr(head, "\r\n\r\n");
    }
    if (strncmp(head, "HEAD", 4) == 0) return answer(connection);
    char *field = strcasestr(head, "content-length:");
    long left = field ? atol(field + 15) : 0;
    uploads++;
    while (left > 0) {
        ssize_t count = read(connection, space, sizeof space < (size_t)left ? sizeof space : (size_t)left);
        if (count <= 0) return 0;
        left -= count, received += count;
    }
    if (kills_reused && number > 0) return 0;
    if (!kills_reused) usleep(thinking_us);
    return answer(connection);
}

static void *serve_connection(void *user) {
    int connection = (int)(long)user;
    for (int number = 0; serve(connection, number); number++) {}
    close(connection);
    return NULL;
}

static void *serve_all(void *unused) {
    for (int connection; (connection = accept(listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve_connection, (void *)(long)connection) == 0) pthread_detach(thread);
    }
    return unused;
}

static int refuse_second(void *user, char *remote, char *local, int remote_port, int local_port) {
    (void)user, (void)remote, (void)local, (void)remote_port, (void)local_port;
    return ++attempts > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static int count_attempt(void *user, char *remote, char *local, int remote_port, int local_port) {
    (void)user, (void)remote, (void)local, (void)remote_port, (void)local_port;
    attempts++;
    return CURL_PREREQFUNC_OK;
}

static CURL *make(const char *url) {
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)body_size);
    return easy;
}

static void first_byte(const char *url) {
    CURL *easy = make(url);
    double begin = 0, total = 0;
    CURLcode result = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME, &begin);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME, &total);
    printf("{\"result\": %d, \"server_thinks_ms\": %d, \"starttransfer_ms\": %.3f, \"total_ms\": %.1f}\n", result,
           thinking_us / 1000, begin * 1000, total * 1000);
    curl_easy_cleanup(easy);
}

static void sent_twice(const char *url) {
    printf("{");
    for (int refuses = 0; refuses < 2; refuses++) {
        int fine = 0, most = 0;
        uploads = received = 0;
        for (int i = 0; i < asked; i++) {
            long status = 0;
            curl_off_t size = 0;
            // A handle has a pool of its own, so the second attempt finds no other kept connection.
            CURL *easy = make(url);
            curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, refuses ? refuse_second : count_attempt);
            attempts = 0;
            curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
            curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
            curl_easy_perform(easy);
            attempts = 0;
            curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
            curl_easy_setopt(easy, CURLOPT_POST, 1L);
            curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 0L);
            CURLcode result = curl_easy_perform(easy);
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &size);
            fine += result == CURLE_OK && status == 200 && size == body_size;
            if (attempts > most) most = attempts;
            curl_easy_cleanup(easy);
        }
        printf("%s\"%s\": {\"asked\": %d, \"fine\": %d, \"attempts\": %d, \"server_uploads\": %ld, \"server_bytes\": %ld}",
               refuses ? ", " : "", refuses ? "second_refused" : "by_itself", asked, fine, most, uploads, received);
    }
    printf("}\n");
}

int main(int count, char **arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char url[64];
    pthread_t thread;
    if (count != 2) return 64;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 16)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    kills_reused = strcmp(arguments[1], "sent-twice") == 0;
    if (pthread_create(&thread, NULL, serve_all, NULL)) return 1;
    if (kills_reused) sent_twice(url);
    else if (strcmp(arguments[1], "first-byte") == 0) first_byte(url);
    else return 64;
    return 0;
}
