#include "loop_probe.h"

#include <pthread.h>

void lp_name_thread(const char *name) {
    // Fails for names of more than 15 bytes, and a thread without a name works as well.
#if defined(__APPLE__)
    (void)pthread_setname_np(name);
#else
    (void)pthread_setname_np(pthread_self(), name);
#endif
}
