// Each mechanism shows in this process that it works, before anyone relies on it.
#include "probe_internal.h"

#include <stdlib.h>
#include <string.h>

bool lp_is_disabled(const char *mechanism) {
    const char *list = getenv("LOOPWATCH_DISABLE");
    size_t length = strlen(mechanism);
    while (list != NULL && *list != 0) {
        const char *end = strchr(list, ',');
        size_t item = end == NULL ? strlen(list) : (size_t)(end - list);
        if (item == length && memcmp(list, mechanism, length) == 0) return true;
        list = end == NULL ? NULL : end + 1;
    }
    return false;
}
