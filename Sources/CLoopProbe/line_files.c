// The directories and files of a unit's header (DWARF 5, section 6.2.4).
#include "line_program.h"

enum { CONTENT_PATH = 1, CONTENT_DIRECTORY = 2 };

enum {
    FORM_BLOCK2 = 0x03,
    FORM_BLOCK4 = 0x04,
    FORM_DATA2 = 0x05,
    FORM_DATA4 = 0x06,
    FORM_DATA8 = 0x07,
    FORM_STRING = 0x08,
    FORM_BLOCK = 0x09,
    FORM_BLOCK1 = 0x0a,
    FORM_DATA1 = 0x0b,
    FORM_STRP = 0x0e,
    FORM_UDATA = 0x0f,
    FORM_DATA16 = 0x1e,
    FORM_LINE_STRP = 0x1f,
};

typedef struct {
    const char *path;
    uint64_t directory;
} entry;

// Entries of one form; the cursor stands at the first.
typedef struct {
    lp_cursor format;
    uint64_t format_count;
    uint64_t count;
    lp_cursor entries;
} table;

static const char *take_string(lp_cursor *cursor) {
    const uint8_t *end = memchr(cursor->at, 0, lp_rest(cursor));
    if (end == NULL) {
        lp_break(cursor);
        return NULL;
    }
    const char *string = (const char *)cursor->at;
    cursor->at = end + 1;
    return string;
}

static const char *string_at(lp_section section, uint64_t offset) {
    if (offset >= section.size) return NULL;
    lp_cursor cursor = {section.bytes + offset, section.bytes + section.size, true};
    return take_string(&cursor);
}

static void take_field(
    const lp_line_sections *sections, const lp_line_unit *unit, lp_cursor *cursor, uint64_t content,
    uint64_t form, entry *out
) {
    const char *string = NULL;
    uint64_t number = 0;
    switch (form) {
    case FORM_STRING: string = take_string(cursor); break;
    case FORM_STRP: string = string_at(sections->strings, lp_take(cursor, unit->offset_size)); break;
    case FORM_LINE_STRP:
        string = string_at(sections->line_strings, lp_take(cursor, unit->offset_size));
        break;
    case FORM_DATA1: number = lp_take(cursor, 1); break;
    case FORM_DATA2: number = lp_take(cursor, 2); break;
    case FORM_DATA4: number = lp_take(cursor, 4); break;
    case FORM_DATA8: number = lp_take(cursor, 8); break;
    case FORM_UDATA: number = lp_take_uleb(cursor); break;
    case FORM_DATA16: lp_skip(cursor, 16); break;
    case FORM_BLOCK1: lp_skip(cursor, lp_take(cursor, 1)); break;
    case FORM_BLOCK2: lp_skip(cursor, lp_take(cursor, 2)); break;
    case FORM_BLOCK4: lp_skip(cursor, lp_take(cursor, 4)); break;
    case FORM_BLOCK: lp_skip(cursor, lp_take_uleb(cursor)); break;
    default: lp_break(cursor);  // its length is unknown
    }
    if (content == CONTENT_PATH) out->path = string;
    if (content == CONTENT_DIRECTORY) out->directory = number;
}

static entry take_entry(const lp_line_sections *sections, const lp_line_unit *unit, table *table) {
    entry found = {0};
    lp_cursor format = table->format;
    for (uint64_t i = 0; i < table->format_count; i++) {
        const uint64_t content = lp_take_uleb(&format);
        const uint64_t form = lp_take_uleb(&format);
        take_field(sections, unit, &table->entries, content, form, &found);
    }
    return found;
}

// Reads how a table's entries are made up; its entries follow at the cursor.
static table begin_table(lp_cursor *cursor) {
    table found = {.format_count = lp_take(cursor, 1)};
    found.format = *cursor;
    for (uint64_t i = 0; i < 2 * found.format_count; i++) (void)lp_take_uleb(cursor);
    found.count = lp_take_uleb(cursor);
    // Entries of no length could be without number.
    if (found.format_count == 0) found.count = 0;
    found.entries = *cursor;
    return found;
}

// Takes the entry at a place of a table; false if it has none. Every field takes bytes, so the count ends early when
// there are too few of them.
static bool entry_at(
    const lp_line_sections *sections, const lp_line_unit *unit, table table, uint64_t place, entry *out
) {
    if (place >= table.count) return false;
    for (uint64_t i = 0; i <= place && table.entries.is_sound; i++) *out = take_entry(sections, unit, &table);
    return table.entries.is_sound && out->path != NULL;
}

static bool tables_of(
    const lp_line_sections *sections, const lp_line_unit *unit, table *directories, table *files
) {
    lp_cursor cursor = unit->tables;
    *directories = begin_table(&cursor);
    table rest = *directories;
    for (uint64_t i = 0; i < rest.count && rest.entries.is_sound; i++) (void)take_entry(sections, unit, &rest);
    *files = begin_table(&rest.entries);
    return files->entries.is_sound;
}

static bool file_in_tables(
    const lp_line_sections *sections, const lp_line_unit *unit, uint64_t number, lp_line *out
) {
    table directories, files;
    entry file = {0}, directory = {0}, base = {0};
    if (!tables_of(sections, unit, &directories, &files)) return false;
    if (!entry_at(sections, unit, files, number, &file)) return false;
    out->file = file.path;
    if (file.path[0] == '/') return true;
    if (!entry_at(sections, unit, directories, file.directory, &directory)) return true;
    out->directory = directory.path;
    if (directory.path[0] == '/' || file.directory == 0) return true;
    if (entry_at(sections, unit, directories, 0, &base)) out->base = base.path;
    return true;
}

// Up to version 4: strings up to an empty one, and the folder the compiler ran in is told elsewhere.
static bool file_in_lists(const lp_line_unit *unit, uint64_t number, lp_line *out) {
    lp_cursor cursor = unit->tables;
    const lp_cursor first = cursor;
    const char *string = take_string(&cursor);
    while (string != NULL && string[0] != 0) string = take_string(&cursor);
    uint64_t directory = 0;
    for (uint64_t i = 0; i < number; i++) {
        string = take_string(&cursor);
        if (string == NULL || string[0] == 0) return false;
        directory = lp_take_uleb(&cursor);
        (void)lp_take_uleb(&cursor);  // the time of the file
        (void)lp_take_uleb(&cursor);  // its length
    }
    if (number == 0 || string == NULL || !cursor.is_sound) return false;
    out->file = string;
    if (string[0] == '/' || directory == 0) return true;
    cursor = first;
    for (uint64_t i = 0; i < directory; i++) {
        string = take_string(&cursor);
        if (string == NULL || string[0] == 0) return true;
    }
    out->directory = string;
    return true;
}

bool lp_line_file(
    const lp_line_sections *sections, const lp_line_unit *unit, uint64_t number, lp_line *out
) {
    out->base = out->directory = out->file = NULL;
    if (unit->version < 5) return file_in_lists(unit, number, out);
    return file_in_tables(sections, unit, number, out);
}

bool lp_line_file_is_twice(const lp_line_sections *sections, const lp_line_unit *unit) {
    table directories, files;
    entry first = {0}, second = {0};
    if (unit->version < 5 || !tables_of(sections, unit, &directories, &files)) return false;
    if (!entry_at(sections, unit, files, 0, &first)) return false;
    if (!entry_at(sections, unit, files, 1, &second)) return false;
    return first.directory == second.directory && strcmp(first.path, second.path) == 0;
}
