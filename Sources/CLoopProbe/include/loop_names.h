// What the dynamic linker knows of an address. These functions are extensions that Swift doesn't see.
#ifndef LOOP_NAMES_H
#define LOOP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *symbol;    // the exported function; null if there is none
    const char *image;     // the path as it was loaded; null if the address is in none
    uint64_t image_start;
} lp_linker_entry;

bool lp_linker_look_up(uint64_t address, lp_linker_entry *out);  // false if no image has the address
uint64_t lp_load_count(void);  // images loaded and unloaded so far; 0 where that can't be told

typedef struct {
    const char *path;  // what opens the image's file; belongs to the linker
    uint64_t bias;     // what the image's own addresses were moved by
} lp_linker_image;

bool lp_linker_image_of(uint64_t address, lp_linker_image *out);  // false if no image has the address

// The build ID of the image that has the address: its length, 0 if it has none or it doesn't fit.
size_t lp_build_id(uint64_t address, uint8_t *bytes, size_t capacity);

#endif
