// Interprets call frame information. Nothing here allocates, locks or trusts the bytes.
#include "include/loop_probe_cfi.h"

#include "cfi_cursor.h"

// A compiler's longest functions need some hundred; the bound is for bytes that make no sense.
#define MOST_INSTRUCTIONS 2048
#define MOST_REMEMBERED 8

// What the common entry says about the encoding of the others.
typedef struct {
    uint64_t code_factor;
    int64_t data_factor;
    uint8_t pointer_encoding;
    bool has_augmentation_size;
    lp_cursor instructions;
} common_entry;

typedef struct {
    const uint8_t *bytes;
    const common_entry *common;
    lp_cursor code;
    uint64_t location;
    uint64_t address;
    lp_cfi_row *row;
    const lp_cfi_row *initial;  // null while the initial instructions run
    lp_cfi_row remembered[MOST_REMEMBERED];
    int remembered_count;
} interpreter;

static int32_t narrow(lp_cursor *code, int64_t value) {
    if (value < INT32_MIN || value > INT32_MAX) lp_break(code);
    return (int32_t)value;
}

// Products of broken bytes may overflow; unsigned arithmetic makes that harmless.
static int32_t scaled(interpreter *run, int64_t factored) {
    return narrow(&run->code, (int64_t)((uint64_t)factored * (uint64_t)run->common->data_factor));
}

static void set_rule(interpreter *run, uint64_t column, uint8_t rule, int32_t value) {
    if (column >= LP_CFI_COLUMNS) return;
    run->row->rules[column] = rule;
    run->row->values[column] = value;
}

static void restore_rule(interpreter *run, uint64_t column) {
    if (run->initial == NULL) {
        lp_break(&run->code);
    } else if (column < LP_CFI_COLUMNS) {
        set_rule(run, column, run->initial->rules[column], run->initial->values[column]);
    }
}

static void set_frame_register(interpreter *run, uint64_t column) {
    if (column >= LP_CFI_COLUMNS) {
        lp_break(&run->code);
    } else {
        run->row->frame_register = (int32_t)column;
    }
}

// Where an expression begins with its length; the interpreter goes on behind it.
static int32_t pass_expression(interpreter *run) {
    int64_t offset = run->code.at - run->bytes;
    lp_skip(&run->code, lp_take_uleb(&run->code));
    return narrow(&run->code, offset);
}

static void remember(interpreter *run) {
    if (run->remembered_count == MOST_REMEMBERED) {
        lp_break(&run->code);
    } else {
        run->remembered[run->remembered_count++] = *run->row;
    }
}

static void recall(interpreter *run) {
    if (run->remembered_count == 0) {
        lp_break(&run->code);
    } else {
        *run->row = run->remembered[--run->remembered_count];
    }
}

static void run_rule(interpreter *run, uint8_t operation) {
    lp_cursor *code = &run->code;
    uint64_t column = lp_take_uleb(code);
    switch (operation) {
    case 0x05: set_rule(run, column, LP_CFI_AT_OFFSET, scaled(run, (int64_t)lp_take_uleb(code))); break;
    case 0x06: restore_rule(run, column); break;
    case 0x07: set_rule(run, column, LP_CFI_UNDEFINED, 0); break;
    case 0x08: set_rule(run, column, LP_CFI_SAME, 0); break;
    case 0x09: set_rule(run, column, LP_CFI_IN_REGISTER, narrow(code, (int64_t)lp_take_uleb(code))); break;
    case 0x10: set_rule(run, column, LP_CFI_AT_EXPRESSION, pass_expression(run)); break;
    case 0x11: set_rule(run, column, LP_CFI_AT_OFFSET, scaled(run, lp_take_sleb(code))); break;
    case 0x14: set_rule(run, column, LP_CFI_IS_OFFSET, scaled(run, (int64_t)lp_take_uleb(code))); break;
    case 0x15: set_rule(run, column, LP_CFI_IS_OFFSET, scaled(run, lp_take_sleb(code))); break;
    case 0x16: set_rule(run, column, LP_CFI_IS_EXPRESSION, pass_expression(run)); break;
    case 0x2f: set_rule(run, column, LP_CFI_AT_OFFSET, scaled(run, -(int64_t)(lp_take_uleb(code) >> 1))); break;
    default: lp_break(code); break;
    }
}

static void run_frame_rule(interpreter *run, uint8_t operation) {
    lp_cursor *code = &run->code;
    lp_cfi_row *row = run->row;
    switch (operation) {
    case 0x0c:
        set_frame_register(run, lp_take_uleb(code));
        row->frame_offset = narrow(code, (int64_t)lp_take_uleb(code));
        break;
    case 0x0d: set_frame_register(run, lp_take_uleb(code)); break;
    case 0x0e: row->frame_offset = narrow(code, (int64_t)lp_take_uleb(code)); break;
    case 0x0f:
        row->frame_register = LP_CFI_BY_EXPRESSION;
        row->frame_offset = pass_expression(run);
        break;
    case 0x12:
        set_frame_register(run, lp_take_uleb(code));
        row->frame_offset = scaled(run, lp_take_sleb(code));
        break;
    case 0x13: row->frame_offset = scaled(run, lp_take_sleb(code)); break;
    default: lp_break(code); break;
    }
}

static void run_extended(interpreter *run, uint8_t operation) {
    lp_cursor *code = &run->code;
    uint64_t factor = run->common->code_factor;
    switch (operation) {
    case 0x00: break;
    case 0x01: run->location = lp_take_pointer(code, run->common->pointer_encoding, 0); break;
    case 0x02: run->location += lp_take(code, 1) * factor; break;
    case 0x03: run->location += lp_take(code, 2) * factor; break;
    case 0x04: run->location += lp_take(code, 4) * factor; break;
    case 0x0a: remember(run); break;
    case 0x0b: recall(run); break;
    case 0x0c: case 0x0d: case 0x0e: case 0x0f: case 0x12: case 0x13: run_frame_rule(run, operation); break;
    case 0x2d: break;  // arm64: whether the return address is signed; the signature is cut off anyway
    case 0x2e: lp_take_uleb(code); break;  // GNU: the size of pushed arguments
    default: run_rule(run, operation); break;
    }
}

static bool run_instructions(interpreter *run) {
    for (int count = 0; count < MOST_INSTRUCTIONS; count++) {
        if (!run->code.is_sound) return false;
        if (run->code.at == run->code.end) return true;
        uint8_t operation = (uint8_t)lp_take(&run->code, 1);
        uint8_t operand = operation & 0x3f;
        lp_cursor *code = &run->code;
        switch (operation & 0xc0) {
        case 0x40: run->location += operand * run->common->code_factor; break;
        case 0x80: set_rule(run, operand, LP_CFI_AT_OFFSET, scaled(run, (int64_t)lp_take_uleb(code))); break;
        case 0xc0: restore_rule(run, operand); break;
        default: run_extended(run, operation); break;
        }
        // The rules from here on are for instructions after the one in question.
        if (run->initial != NULL && run->location > run->address) return run->code.is_sound;
    }
    return false;
}

static bool read_augmentation(lp_cursor *entry, const char *letters, common_entry *common, lp_cfi_row *row) {
    if (letters[0] == 0) return true;
    if (letters[0] != 'z') return false;
    common->has_augmentation_size = true;
    uint64_t size = lp_take_uleb(entry);
    if (size > lp_rest(entry)) return false;
    lp_cursor data = {entry->at, entry->at + size, true};
    lp_skip(entry, size);
    for (const char *letter = letters + 1; *letter != 0; letter++) {
        switch (*letter) {
        case 'R': common->pointer_encoding = (uint8_t)lp_take(&data, 1); break;
        case 'L': lp_take(&data, 1); break;
        case 'P': {
            uint8_t encoding = (uint8_t)lp_take(&data, 1);
            lp_take_pointer(&data, encoding & 0x7f, 0);
            break;
        }
        case 'S': row->is_signal_frame = true; break;
        case 'B': case 'G': break;  // arm64: how return addresses are signed
        default: return false;
        }
    }
    return data.is_sound;
}

static bool read_common(lp_cursor entry, common_entry *common, lp_cfi_row *row) {
    uint64_t size = lp_take(&entry, 4);
    if (size == 0 || size > lp_rest(&entry)) return false;
    entry.end = entry.at + size;
    uint64_t identifier = lp_take(&entry, 4);
    uint8_t version = (uint8_t)lp_take(&entry, 1);
    if (!entry.is_sound || identifier != 0 || (version != 1 && version != 3)) return false;
    const char *letters = (const char *)entry.at;
    const uint8_t *terminator = memchr(entry.at, 0, lp_rest(&entry));
    if (terminator == NULL) return false;
    entry.at = terminator + 1;
    common->code_factor = lp_take_uleb(&entry);
    common->data_factor = lp_take_sleb(&entry);
    uint64_t return_column = version == 1 ? lp_take(&entry, 1) : lp_take_uleb(&entry);
    if (return_column >= LP_CFI_COLUMNS) return false;
    row->return_column = (uint8_t)return_column;
    if (!read_augmentation(&entry, letters, common, row)) return false;
    common->instructions = entry;
    return entry.is_sound;
}

bool lp_cfi_read(const uint8_t *bytes, size_t size, size_t offset, uint64_t address, lp_cfi_row *row) {
    *row = (lp_cfi_row){0};
    if (offset >= size) return false;
    lp_cursor entry = {bytes + offset, bytes + size, true};
    uint64_t length = lp_take(&entry, 4);
    // 0 ends the section, the greatest number begins the 64-bit format, which nothing writes.
    if (length == 0 || length == UINT32_MAX || length > lp_rest(&entry)) return false;
    entry.end = entry.at + length;
    size_t place = (size_t)(entry.at - bytes);
    uint64_t distance = lp_take(&entry, 4);
    if (!entry.is_sound || distance == 0 || distance > place) return false;

    common_entry common = {0};
    lp_cursor start = {bytes + place - distance, bytes + size, true};
    if (!read_common(start, &common, row)) return false;
    uint64_t first = lp_take_pointer(&entry, common.pointer_encoding, 0);
    uint64_t range = lp_take_pointer(&entry, common.pointer_encoding & 0x0f, 0);
    if (common.has_augmentation_size) lp_skip(&entry, lp_take_uleb(&entry));
    if (!entry.is_sound || address < first || address - first >= range) return false;
    row->function_start = first;

    interpreter run;
    run.bytes = bytes;
    run.common = &common;
    run.code = common.instructions;
    run.location = first;
    run.address = address;
    run.row = row;
    run.initial = NULL;
    run.remembered_count = 0;
    if (!run_instructions(&run)) return false;
    lp_cfi_row initial = *row;
    run.code = entry;
    run.location = first;
    run.initial = &initial;
    run.remembered_count = 0;
    return run_instructions(&run);
}
