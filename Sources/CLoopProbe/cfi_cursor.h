// A reader of bytes that stops at their end instead of running past it.
#ifndef CFI_CURSOR_H
#define CFI_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    bool is_sound;  // false once something was read that wasn't there; then everything reads as 0
} lp_cursor;

static inline size_t lp_rest(const lp_cursor *cursor) { return (size_t)(cursor->end - cursor->at); }

static inline void lp_break(lp_cursor *cursor) {
    cursor->is_sound = false;
    cursor->at = cursor->end;
}

static inline uint64_t lp_take(lp_cursor *cursor, size_t size) {
    uint64_t value = 0;
    if (lp_rest(cursor) < size) {
        lp_break(cursor);
        return 0;
    }
    memcpy(&value, cursor->at, size);
    cursor->at += size;
    return value;
}

static inline int64_t lp_take_signed(lp_cursor *cursor, size_t size) {
    uint64_t value = lp_take(cursor, size);
    unsigned unused = 64 - 8 * (unsigned)size;
    return (int64_t)(value << unused) >> unused;
}

static inline void lp_skip(lp_cursor *cursor, uint64_t size) {
    if (size > lp_rest(cursor)) {
        lp_break(cursor);
    } else {
        cursor->at += size;
    }
}

static inline uint64_t lp_take_uleb(lp_cursor *cursor) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = lp_take(cursor, 1);
        value |= (byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return value;
    }
    lp_break(cursor);
    return 0;
}

static inline int64_t lp_take_sleb(lp_cursor *cursor) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = lp_take(cursor, 1);
        value |= (byte & 0x7f) << shift;
        if ((byte & 0x80) != 0) continue;
        if ((byte & 0x40) != 0 && shift + 7 < 64) value |= UINT64_MAX << (shift + 7);
        return (int64_t)value;
    }
    lp_break(cursor);
    return 0;
}

// A pointer in one of the encodings of the Linux Standard Base (DW_EH_PE_*). `data` is what data-relative ones add to.
static inline uint64_t lp_take_pointer(lp_cursor *cursor, uint8_t encoding, uint64_t data) {
    uint64_t here = (uint64_t)(uintptr_t)cursor->at;
    uint64_t value = 0;
    switch (encoding & 0x0f) {
    case 0x00: case 0x04: case 0x0c: value = lp_take(cursor, 8); break;
    case 0x01: value = lp_take_uleb(cursor); break;
    case 0x02: value = lp_take(cursor, 2); break;
    case 0x03: value = lp_take(cursor, 4); break;
    case 0x09: value = (uint64_t)lp_take_sleb(cursor); break;
    case 0x0a: value = (uint64_t)lp_take_signed(cursor, 2); break;
    case 0x0b: value = (uint64_t)lp_take_signed(cursor, 4); break;
    default: lp_break(cursor); return 0;
    }
    switch (encoding & 0x70) {
    case 0x00: return value;
    case 0x10: return value + here;
    case 0x30: return value + data;
    default: lp_break(cursor); return 0;
    }
}

#endif
