#include "loop_names.h"

#include <dlfcn.h>
#include <string.h>

#if defined(__linux__)
#include <elf.h>
#include <link.h>
#endif

bool lp_linker_look_up(uint64_t address, lp_linker_entry *out) {
    Dl_info found;
    *out = (lp_linker_entry){0};
    if (address == 0 || dladdr((const void *)(uintptr_t)address, &found) == 0) return false;
    out->symbol = found.dli_sname;
    out->image = found.dli_fname;
    out->image_start = (uint64_t)(uintptr_t)found.dli_fbase;
    return true;
}

#if defined(__linux__)

static int note_loads(struct dl_phdr_info *image, size_t size, void *count) {
    (void)size;
    *(uint64_t *)count = (uint64_t)image->dlpi_adds + (uint64_t)image->dlpi_subs;
    return 1;
}

uint64_t lp_load_count(void) {
    uint64_t count = 0;
    (void)dl_iterate_phdr(note_loads, &count);
    return count;
}

struct build_id_search {
    uint64_t address;
    uint8_t *bytes;
    size_t capacity;
    size_t length;
};

static size_t padded(size_t length) { return (length + 3) & ~(size_t)3; }

// Reads one segment of notes, all of which is mapped.
static void read_notes(const uint8_t *notes, size_t size, struct build_id_search *search) {
    size_t at = 0;
    while (size - at >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, notes + at, sizeof note);
        const size_t name = at + sizeof note;
        if (note.n_namesz > size - name || padded(note.n_namesz) > size - name) return;
        const size_t content = name + padded(note.n_namesz);
        if (note.n_descsz > size - content) return;
        const bool is_build_id =
            note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0;
        if (is_build_id) {
            if (note.n_descsz > search->capacity) return;
            memcpy(search->bytes, notes + content, note.n_descsz);
            search->length = note.n_descsz;
            return;
        }
        if (padded(note.n_descsz) > size - content) return;
        at = content + padded(note.n_descsz);
    }
}

static bool has_address(const struct dl_phdr_info *image, uint64_t address) {
    for (int i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &image->dlpi_phdr[i];
        const uint64_t start = (uint64_t)image->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD && address - start < part->p_memsz) return true;
    }
    return false;
}

static int find_build_id(struct dl_phdr_info *image, size_t size, void *argument) {
    (void)size;
    struct build_id_search *search = argument;
    if (!has_address(image, search->address)) return 0;
    for (int i = 0; i < image->dlpi_phnum && search->length == 0; i++) {
        const ElfW(Phdr) *part = &image->dlpi_phdr[i];
        if (part->p_type != PT_NOTE) continue;
        read_notes((const uint8_t *)(uintptr_t)(image->dlpi_addr + part->p_vaddr), part->p_memsz, search);
    }
    return 1;
}

size_t lp_build_id(uint64_t address, uint8_t *bytes, size_t capacity) {
    struct build_id_search search = {.address = address, .bytes = bytes, .capacity = capacity};
    (void)dl_iterate_phdr(find_build_id, &search);
    return search.length;
}

struct image_search {
    uint64_t address;
    lp_linker_image *image;
};

static int find_image(struct dl_phdr_info *image, size_t size, void *argument) {
    (void)size;
    const struct image_search *search = argument;
    if (!has_address(image, search->address)) return 0;
    // The program itself has no name here; this one holds even when its file was moved.
    const bool is_named = image->dlpi_name != NULL && image->dlpi_name[0] != 0;
    search->image->path = is_named ? image->dlpi_name : "/proc/self/exe";
    search->image->bias = (uint64_t)image->dlpi_addr;
    return 1;
}

bool lp_linker_image_of(uint64_t address, lp_linker_image *out) {
    struct image_search search = {.address = address, .image = out};
    return dl_iterate_phdr(find_image, &search) != 0;
}

#else

bool lp_linker_image_of(uint64_t address, lp_linker_image *out) {
    (void)address, (void)out;
    return false;
}

uint64_t lp_load_count(void) { return 0; }

size_t lp_build_id(uint64_t address, uint8_t *bytes, size_t capacity) {
    (void)address, (void)bytes, (void)capacity;
    return 0;
}

#endif
