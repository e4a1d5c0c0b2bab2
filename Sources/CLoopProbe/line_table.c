// Finds the sequence of an address, and runs its part of the line program.
#include "line_program.h"

#if defined(__linux__)

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Sections of code in an image; linkers make a handful of them.
#define MOST_CODE_SECTIONS 32
// How many sequences before the nearest may still hold an address, where sequences overlap.
#define MOST_OVERLAPPING 16

typedef struct {
    uint64_t low;
    uint64_t high;
    uint64_t unit;     // where the unit begins in the section
    uint64_t program;  // where the sequence begins in the section
} sequence;

struct lp_lines {
    const uint8_t *bytes;
    size_t size;
    lp_line_sections sections;
    struct {
        uint64_t low;
        uint64_t high;
    } code[MOST_CODE_SECTIONS];
    size_t code_count;
    sequence *sequences;
    size_t count;
    size_t capacity;
};

static bool map_file(lp_lines *lines, const char *path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    struct stat status;
    void *bytes = MAP_FAILED;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    }
    (void)close(file);
    if (bytes == MAP_FAILED) return false;
    lines->bytes = bytes;
    lines->size = (size_t)status.st_size;
    return true;
}

static bool read_at(const lp_lines *lines, uint64_t offset, void *out, size_t size) {
    if (offset > lines->size || size > lines->size - offset) return false;
    memcpy(out, lines->bytes + offset, size);
    return true;
}

static bool section_bytes(const lp_lines *lines, const Elf64_Shdr *header, lp_section *out) {
    if (header->sh_type == SHT_NOBITS || (header->sh_flags & SHF_COMPRESSED) != 0) return false;
    if (header->sh_offset > lines->size || header->sh_size > lines->size - header->sh_offset) return false;
    *out = (lp_section){lines->bytes + header->sh_offset, header->sh_size};
    return true;
}

static bool is_named(lp_section names, const Elf64_Shdr *header, const char *name) {
    const size_t size = strlen(name) + 1;
    if (header->sh_name > names.size || size > names.size - header->sh_name) return false;
    return memcmp(names.bytes + header->sh_name, name, size) == 0;
}

static bool take_section(lp_lines *lines, lp_section names, const Elf64_Shdr *header) {
    lp_line_sections *sections = &lines->sections;
    if (is_named(names, header, ".debug_line")) return section_bytes(lines, header, &sections->lines);
    if (is_named(names, header, ".debug_str")) return section_bytes(lines, header, &sections->strings);
    if (is_named(names, header, ".debug_line_str")) {
        return section_bytes(lines, header, &sections->line_strings);
    }
    const uint64_t code = SHF_ALLOC | SHF_EXECINSTR;
    if ((header->sh_flags & code) == code && lines->code_count < MOST_CODE_SECTIONS) {
        lines->code[lines->code_count].low = header->sh_addr;
        lines->code[lines->code_count].high = header->sh_addr + header->sh_size;
        lines->code_count++;
    }
    return true;
}

// Finds the sections; false if there are no lines that can be read.
static bool find_sections(lp_lines *lines) {
    Elf64_Ehdr elf;
    Elf64_Shdr header;
    if (!read_at(lines, 0, &elf, sizeof elf) || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0) return false;
    if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_ident[EI_DATA] != ELFDATA2LSB) return false;
    if (elf.e_shoff == 0 || elf.e_shentsize != sizeof header) return false;
    // An image of very many sections counts them in the first one.
    if (!read_at(lines, elf.e_shoff, &header, sizeof header)) return false;
    const uint64_t count = elf.e_shnum != 0 ? elf.e_shnum : header.sh_size;
    const uint64_t names_place = elf.e_shstrndx != SHN_XINDEX ? elf.e_shstrndx : header.sh_link;
    if (count > (lines->size - elf.e_shoff) / sizeof header || names_place >= count) return false;
    lp_section names;
    if (!read_at(lines, elf.e_shoff + names_place * sizeof header, &header, sizeof header)) return false;
    if (!section_bytes(lines, &header, &names)) return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!read_at(lines, elf.e_shoff + i * sizeof header, &header, sizeof header)) return false;
        if (!take_section(lines, names, &header)) return false;
    }
    return lines->sections.lines.size > 0;
}

// Linkers leave the lines of functions they dropped, at addresses where there is no code.
static bool is_code(const lp_lines *lines, uint64_t address) {
    for (size_t i = 0; i < lines->code_count; i++) {
        if (address >= lines->code[i].low && address < lines->code[i].high) return true;
    }
    return false;
}

static bool add_sequence(lp_lines *lines, sequence added) {
    if (added.high <= added.low || !is_code(lines, added.low)) return true;
    if (lines->count == lines->capacity) {
        const size_t capacity = lines->capacity == 0 ? 1024 : 2 * lines->capacity;
        sequence *grown = realloc(lines->sequences, capacity * sizeof *grown);
        if (grown == NULL) return false;
        lines->sequences = grown;
        lines->capacity = capacity;
    }
    lines->sequences[lines->count++] = added;
    return true;
}

static bool index_unit(lp_lines *lines, const lp_line_unit *unit, uint64_t offset) {
    const uint8_t *start = lines->sections.lines.bytes;
    lp_line_run run;
    lp_line_row row;
    lp_begin_lines(&run, unit, unit->program);
    sequence next = {.unit = offset, .program = (uint64_t)(run.code.at - start)};
    bool is_first = true;
    while (lp_next_line(&run, &row)) {
        if (is_first) next.low = row.address;
        is_first = row.is_end;
        if (!row.is_end) continue;
        next.high = row.address;
        if (!add_sequence(lines, next)) return false;
        next.program = (uint64_t)(run.code.at - start);
    }
    return true;
}

static int by_address(const void *first, const void *second) {
    const sequence *a = first, *b = second;
    if (a->low != b->low) return a->low < b->low ? -1 : 1;
    // The longer first: where one was left of a dropped copy, the search meets the nearest end first.
    if (a->high != b->high) return a->high > b->high ? -1 : 1;
    return a->program < b->program ? -1 : a->program > b->program;
}

static lp_cursor cursor_from(lp_section section, uint64_t offset) {
    return (lp_cursor){section.bytes + offset, section.bytes + section.size, true};
}

static bool make_index(lp_lines *lines) {
    lp_cursor units = cursor_from(lines->sections.lines, 0);
    while (lp_rest(&units) > 0) {
        lp_line_unit unit;
        const uint64_t offset = (uint64_t)(units.at - lines->sections.lines.bytes);
        if (lp_take_line_unit(&units, &unit) && !index_unit(lines, &unit, offset)) return false;
    }
    if (lines->count == 0) return false;
    qsort(lines->sequences, lines->count, sizeof *lines->sequences, by_address);
    return true;
}

lp_lines *lp_lines_open(const char *image_path) {
    lp_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL) return NULL;
    if (map_file(lines, image_path) && find_sections(lines) && make_index(lines)) return lines;
    lp_lines_close(lines);
    return NULL;
}

void lp_lines_close(lp_lines *lines) {
    if (lines == NULL) return;
    if (lines->bytes != NULL) (void)munmap((void *)(uintptr_t)lines->bytes, lines->size);
    free(lines->sequences);
    free(lines);
}

size_t lp_lines_count(const lp_lines *lines) { return lines->count; }

static const sequence *sequence_of(const lp_lines *lines, uint64_t address) {
    size_t low = 0, high = lines->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (lines->sequences[middle].low <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i > 0 && low - i < MOST_OVERLAPPING; i--) {
        if (address < lines->sequences[i - 1].high) return &lines->sequences[i - 1];
    }
    return NULL;
}

// Prepares the unit and the program's part of the sequence that has an address.
static bool begin(const lp_lines *lines, uint64_t address, lp_line_unit *unit, lp_line_run *run) {
    const sequence *found = sequence_of(lines, address);
    if (found == NULL) return false;
    lp_cursor units = cursor_from(lines->sections.lines, found->unit);
    if (!lp_take_line_unit(&units, unit)) return false;
    lp_cursor code = cursor_from(lines->sections.lines, found->program);
    code.end = unit->program.end;
    lp_begin_lines(run, unit, code);
    return true;
}

static bool tell(const lp_lines *lines, const lp_line_unit *unit, lp_line_row row, lp_line *out) {
    *out = (lp_line){.line = row.line, .column = row.column};
    return lp_line_file(&lines->sections, unit, row.file, out);
}

bool lp_lines_find(const lp_lines *lines, uint64_t address, lp_line *out) {
    lp_line_unit unit;
    lp_line_run run;
    lp_line_row row, last = {.is_end = true};
    if (!begin(lines, address, &unit, &run)) return false;
    while (lp_next_line(&run, &row)) {
        if (!last.is_end && last.address <= address && address < row.address) {
            return tell(lines, &unit, last, out);
        }
        if (row.is_end) return false;
        last = row;
    }
    return false;
}

bool lp_lines_find_own(const lp_lines *lines, uint64_t function, uint64_t address, lp_line *out) {
    lp_line_unit unit;
    lp_line_run run;
    lp_line_row row, last = {.is_end = true}, own = {.is_end = true};
    if (function > address || !begin(lines, function, &unit, &run)) return false;
    const bool is_twice = lp_line_file_is_twice(&lines->sections, &unit);
    while (lp_next_line(&run, &row)) {
        if (is_twice && row.file == 1) row.file = 0;
        // A row says something about addresses only if the next one lies behind it.
        const bool is_real = !last.is_end && last.address < row.address;
        if (is_real && own.is_end) {
            if (last.address <= function && function < row.address) own = last;
        } else if (is_real && last.address <= address && last.file == own.file && last.line > 0) {
            own = last;
        }
        if (row.is_end || (!own.is_end && row.address > address)) break;
        last = row;
    }
    return !own.is_end && tell(lines, &unit, own, out);
}

#else

lp_lines *lp_lines_open(const char *image_path) {
    (void)image_path;
    return NULL;
}

void lp_lines_close(lp_lines *lines) { (void)lines; }

size_t lp_lines_count(const lp_lines *lines) { (void)lines; return 0; }

bool lp_lines_find(const lp_lines *lines, uint64_t address, lp_line *out) {
    (void)lines, (void)address, (void)out;
    return false;
}

bool lp_lines_find_own(const lp_lines *lines, uint64_t function, uint64_t address, lp_line *out) {
    (void)lines, (void)function, (void)address, (void)out;
    return false;
}

#endif
