// One unit of a section of line programs. Nothing here allocates or trusts the bytes.
#ifndef LINE_PROGRAM_H
#define LINE_PROGRAM_H

#include "cfi_cursor.h"
#include "include/loop_lines.h"

typedef struct {
    const uint8_t *bytes;
    size_t size;
} lp_section;

typedef struct {
    lp_section lines;
    lp_section strings;
    lp_section line_strings;
} lp_line_sections;

typedef struct {
    uint16_t version;
    uint8_t offset_size;
    uint8_t least_length;
    int8_t line_base;
    uint8_t line_range;
    uint8_t opcode_base;
    const uint8_t *operand_counts;  // of the opcodes from 1 to opcode_base - 1
    lp_cursor tables;               // directories, then files
    lp_cursor program;
} lp_line_unit;

typedef struct {
    uint64_t address;
    uint64_t file;
    uint64_t line;
    uint64_t column;
    bool is_end;  // the first address behind the sequence
} lp_line_row;

typedef struct {
    const lp_line_unit *unit;
    lp_cursor code;
    lp_line_row state;
} lp_line_run;

// Takes the header of the unit at the cursor and moves the cursor to the next unit. False if the unit can't be read,
// which may be the fault of this unit alone.
bool lp_take_line_unit(lp_cursor *units, lp_line_unit *out);

void lp_begin_lines(lp_line_run *run, const lp_line_unit *unit, lp_cursor code);
bool lp_next_line(lp_line_run *run, lp_line_row *row);  // false at the end of the unit's program

// Finds a file by the number that rows give it.
bool lp_line_file(const lp_line_sections *sections, const lp_line_unit *unit, uint64_t number, lp_line *out);

// Whether files 0 and 1 are the same, as compilers have it from version 5 on, where files are counted from 0.
bool lp_line_file_is_twice(const lp_line_sections *sections, const lp_line_unit *unit);

#endif
