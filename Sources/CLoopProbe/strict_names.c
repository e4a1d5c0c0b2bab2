// Looking up names of hosts, told in strict mode. The resolver's own waits are inside the C library, out of reach.
#include "strict.h"

#if LP_IS_SUPPORTED

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

#if !defined(LP_IS_SANITIZED)
#define OWN(name) (const void *)name
#else
#define OWN(name) NULL
#endif

#define NAMES(X)                                                                                              \
    X(getaddrinfo, NULL) X(getnameinfo, NULL) X(gethostbyname, NULL) X(gethostbyname2, NULL) X(gethostbyaddr, NULL) \
    X(gethostbyname_r, NULL) X(gethostbyname2_r, NULL) X(gethostbyaddr_r, NULL)

NAMES(LP_REAL_CALL)

lp_real_call *const lp_real_names[] = {NAMES(LP_REAL_ENTRY) NULL};

#if !defined(LP_IS_SANITIZED)

// An address in figures is only read, and no host is this one.
static bool is_name(const char *host) {
    struct in6_addr address;
    return host != NULL && inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1;
}

LP_INTERPOSER int getaddrinfo(
    const char *restrict host, const char *restrict service, const struct addrinfo *restrict hints,
    struct addrinfo **restrict found
) {
    LP_MAY_BLOCK((hints == NULL || (hints->ai_flags & AI_NUMERICHOST) == 0) && is_name(host));
    LP_RETURN_REAL(getaddrinfo, EAI_SYSTEM, host, service, hints, found);
}

LP_INTERPOSER int getnameinfo(
    const struct sockaddr *restrict address, socklen_t length, char *restrict host, socklen_t host_size,
    char *restrict service, socklen_t service_size, int flags
) {
    LP_MAY_BLOCK((flags & NI_NUMERICHOST) == 0);
    LP_RETURN_REAL(getnameinfo, EAI_SYSTEM, address, length, host, host_size, service, service_size, flags);
}

LP_INTERPOSER struct hostent *gethostbyname(const char *name) {
    LP_MAY_BLOCK(is_name(name));
    LP_RETURN_REAL(gethostbyname, NULL, name);
}

LP_INTERPOSER struct hostent *gethostbyname2(const char *name, int family) {
    LP_MAY_BLOCK(is_name(name));
    LP_RETURN_REAL(gethostbyname2, NULL, name, family);
}

LP_INTERPOSER struct hostent *gethostbyaddr(const void *address, socklen_t length, int family) {
    LP_MAY_BLOCK(true);
    LP_RETURN_REAL(gethostbyaddr, NULL, address, length, family);
}

LP_INTERPOSER int gethostbyname_r(
    const char *restrict name, struct hostent *restrict result, char *restrict buffer, size_t size,
    struct hostent **restrict found, int *restrict failure
) {
    LP_MAY_BLOCK(is_name(name));
    LP_RETURN_REAL(gethostbyname_r, ENOSYS, name, result, buffer, size, found, failure);
}

LP_INTERPOSER int gethostbyname2_r(
    const char *restrict name, int family, struct hostent *restrict result, char *restrict buffer, size_t size,
    struct hostent **restrict found, int *restrict failure
) {
    LP_MAY_BLOCK(is_name(name));
    LP_RETURN_REAL(gethostbyname2_r, ENOSYS, name, family, result, buffer, size, found, failure);
}

LP_INTERPOSER int gethostbyaddr_r(
    const void *restrict address, socklen_t length, int family, struct hostent *restrict result,
    char *restrict buffer, size_t size, struct hostent **restrict found, int *restrict failure
) {
    LP_MAY_BLOCK(true);
    LP_RETURN_REAL(gethostbyaddr_r, ENOSYS, address, length, family, result, buffer, size, found, failure);
}

#endif
#endif
