// Which file an address belongs to, readable in a signal handler: a sorted table behind one atomic pointer.
#include "unwind.h"

#if LP_IS_SUPPORTED

#include "cfi_cursor.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    size_t count;
    size_t capacity;
    lp_module modules[];
} module_table;

static _Atomic(module_table *) published;
static pthread_mutex_t renewal_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long long known_loads;
static unsigned long long known_unloads;

const lp_module *lp_find_module(uint64_t address) {
    const module_table *table = atomic_load_explicit(&published, memory_order_acquire);
    if (table == NULL) return NULL;
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const lp_module *module = &table->modules[middle];
        if (address < module->low) {
            high = middle;
        } else if (address >= module->high) {
            low = middle + 1;
        } else {
            return module;
        }
    }
    return NULL;
}

static const ElfW(Phdr) *segment_holding(const struct dl_phdr_info *info, uint64_t address) {
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
        uint64_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && address >= start && address < start + segment->p_memsz) return segment;
    }
    return NULL;
}

// Keeps the search table if it has the one form that linkers write: sorted pairs of 32-bit distances to the header.
static void find_frames(const struct dl_phdr_info *info, uint64_t header, lp_module *module) {
    const ElfW(Phdr) *segment = segment_holding(info, header);
    if (segment == NULL) return;
    uint64_t end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    lp_cursor cursor = {(const uint8_t *)(uintptr_t)header, (const uint8_t *)(uintptr_t)end, true};
    uint8_t version = (uint8_t)lp_take(&cursor, 1);
    uint8_t frames_encoding = (uint8_t)lp_take(&cursor, 1);
    uint8_t count_encoding = (uint8_t)lp_take(&cursor, 1);
    uint8_t table_encoding = (uint8_t)lp_take(&cursor, 1);
    if (version != 1 || table_encoding != 0x3b) return;
    uint64_t frames = lp_take_pointer(&cursor, frames_encoding, header);
    uint64_t count = lp_take_pointer(&cursor, count_encoding, header);
    if (!cursor.is_sound || count == 0 || count > lp_rest(&cursor) / 8) return;
    const ElfW(Phdr) *frames_segment = segment_holding(info, frames);
    if (frames_segment == NULL) return;
    module->header = header;
    module->table = (const int32_t *)(const void *)cursor.at;
    module->table_count = count;
    module->frames = (const uint8_t *)(uintptr_t)(info->dlpi_addr + frames_segment->p_vaddr);
    module->frames_size = frames_segment->p_memsz;
}

static const char *copy_path(const char *path) {
    char own[4096];
    if (path == NULL || path[0] == 0) {
        ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
        own[length < 0 ? 0 : length] = 0;
        path = own;
    }
    return strdup(path);
}

static int add_module(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    module_table **table = context;
    lp_module module = {0};
    const char *path = NULL;
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
        if (segment->p_type == PT_GNU_EH_FRAME) find_frames(info, info->dlpi_addr + segment->p_vaddr, &module);
    }
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0) continue;
        if ((*table)->count == (*table)->capacity) {
            size_t capacity = (*table)->capacity * 2;
            module_table *larger = realloc(*table, sizeof *larger + capacity * sizeof(lp_module));
            if (larger == NULL) return 1;
            larger->capacity = capacity;
            *table = larger;
        }
        if (path == NULL) path = copy_path(info->dlpi_name);
        module.path = path;
        module.base = info->dlpi_addr;
        module.low = info->dlpi_addr + segment->p_vaddr;
        module.high = module.low + segment->p_memsz;
        (*table)->modules[(*table)->count++] = module;
    }
    return 0;
}

typedef struct {
    unsigned long long loads;
    unsigned long long unloads;
} load_counts;

static int count_loads(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    *(load_counts *)context = (load_counts){info->dlpi_adds, info->dlpi_subs};
    return 1;
}

static int by_address(const void *left, const void *right) {
    const lp_module *first = left;
    const lp_module *second = right;
    return first->low < second->low ? -1 : first->low > second->low;
}

void lp_refresh_modules(void) {
    pthread_mutex_lock(&renewal_lock);
    load_counts counts = {0, 0};
    dl_iterate_phdr(count_loads, &counts);
    bool is_current = atomic_load(&published) != NULL && counts.loads == known_loads && counts.unloads == known_unloads;
    size_t capacity = 64;
    module_table *table = is_current ? NULL : malloc(sizeof *table + capacity * sizeof(lp_module));
    if (table != NULL) {
        table->count = 0;
        table->capacity = capacity;
        dl_iterate_phdr(add_module, &table);
        qsort(table->modules, table->count, sizeof(lp_module), by_address);
        known_loads = counts.loads;
        known_unloads = counts.unloads;
        // The old table is never freed: a handler may be reading it, and loads are rare.
        atomic_store_explicit(&published, table, memory_order_release);
    }
    pthread_mutex_unlock(&renewal_lock);
}

bool lp_module_of(uint64_t address, char *path, size_t capacity, uint64_t *offset) {
    const lp_module *module = lp_find_module(address);
    if (module == NULL || module->path == NULL || capacity == 0) return false;
    strncpy(path, module->path, capacity - 1);
    path[capacity - 1] = 0;
    *offset = address - module->base;
    return true;
}

#endif
