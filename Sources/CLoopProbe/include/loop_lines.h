// Source lines by an image's DWARF line programs, read from its file.
//
// Opening walks the programs once and notes where each sequence of addresses begins; a lookup then runs the program
// of one sequence. The file's bytes are never trusted: nonsense gives no line or a wrong one, and nothing else.
#ifndef LOOP_LINES_H
#define LOOP_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lp_lines lp_lines;

// The path's parts, to be joined by `/`, belong to the table. A part before an absolute one is null.
typedef struct {
    const char *base;       // the folder the compiler ran in; null if it isn't needed or unknown
    const char *directory;  // null if the file has none
    const char *file;
    uint64_t line;    // 0 for code that the compiler added
    uint64_t column;  // 0 if unknown
} lp_line;

lp_lines *lp_lines_open(const char *image_path);  // null if there are no lines, or only compressed ones
void lp_lines_close(lp_lines *lines);             // null is allowed
size_t lp_lines_count(const lp_lines *lines);     // the number of sequences

// The line of the code at an address of the image: where inlined code is written, not what holds it.
bool lp_lines_find(const lp_lines *lines, uint64_t address, lp_line *out);

// The last line up to an address that lies in the file in which the function begins: where the function itself was
// when it came to code that was inlined into it. `function` is the function's first address.
bool lp_lines_find_own(const lp_lines *lines, uint64_t function, uint64_t address, lp_line *out);

#endif
