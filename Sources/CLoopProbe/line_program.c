// Runs line programs (DWARF 5, section 6.2).
#include "line_program.h"

#define LEAST_VERSION 2
#define MOST_VERSION 5

enum {
    EXTENDED = 0,
    COPY = 1,
    ADVANCE_ADDRESS = 2,
    ADVANCE_LINE = 3,
    SET_FILE = 4,
    SET_COLUMN = 5,
    NEGATE_STATEMENT = 6,
    SET_BASIC_BLOCK = 7,
    CONST_ADD_ADDRESS = 8,
    FIXED_ADVANCE_ADDRESS = 9,
};

enum { END_SEQUENCE = 1, SET_ADDRESS = 2 };

// Cuts the next bytes off a cursor; a cursor of nothing if there aren't so many.
static lp_cursor take_part(lp_cursor *cursor, uint64_t size) {
    lp_cursor part = {cursor->at, cursor->at, true};
    lp_skip(cursor, size);
    if (cursor->is_sound) {
        part.end = cursor->at;
    } else {
        part.is_sound = false;
    }
    return part;
}

bool lp_take_line_unit(lp_cursor *units, lp_line_unit *out) {
    *out = (lp_line_unit){.offset_size = 4};
    uint64_t length = lp_take(units, 4);
    if (length == 0xffffffff) {
        out->offset_size = 8;
        length = lp_take(units, 8);
    } else if (length >= 0xfffffff0) {
        lp_break(units);
    }
    lp_cursor unit = take_part(units, length);
    out->version = (uint16_t)lp_take(&unit, 2);
    if (!unit.is_sound || out->version < LEAST_VERSION || out->version > MOST_VERSION) return false;
    if (out->version >= 5) lp_skip(&unit, 2);  // sizes of addresses and of segment selectors
    out->tables = take_part(&unit, lp_take(&unit, out->offset_size));
    out->program = unit;
    lp_cursor *header = &out->tables;
    out->least_length = (uint8_t)lp_take(header, 1);
    // More than one operation in an instruction: a kind of machine this never runs on.
    if (out->version >= 4 && lp_take(header, 1) > 1) return false;
    lp_skip(header, 1);  // whether rows begin statements
    out->line_base = (int8_t)lp_take(header, 1);
    out->line_range = (uint8_t)lp_take(header, 1);
    out->opcode_base = (uint8_t)lp_take(header, 1);
    if (!header->is_sound || out->line_range == 0 || out->opcode_base == 0) return false;
    out->operand_counts = header->at;
    lp_skip(header, out->opcode_base - 1u);
    return header->is_sound;
}

static void reset(lp_line_run *run) { run->state = (lp_line_row){.file = 1, .line = 1}; }

void lp_begin_lines(lp_line_run *run, const lp_line_unit *unit, lp_cursor code) {
    run->unit = unit;
    run->code = code;
    reset(run);
}

// True if the instruction ends the sequence.
static bool run_extended(lp_line_run *run) {
    lp_cursor code = take_part(&run->code, lp_take_uleb(&run->code));
    if (lp_rest(&code) == 0) return false;
    const uint64_t opcode = lp_take(&code, 1);
    const size_t size = lp_rest(&code);
    if (opcode == SET_ADDRESS && size <= 8) run->state.address = lp_take(&code, size);
    return opcode == END_SEQUENCE;
}

static void advance(lp_line_run *run, uint64_t operations) {
    run->state.address += operations * run->unit->least_length;
}

static void run_standard(lp_line_run *run, uint8_t opcode) {
    const lp_line_unit *unit = run->unit;
    switch (opcode) {
    case ADVANCE_ADDRESS: advance(run, lp_take_uleb(&run->code)); break;
    case ADVANCE_LINE: run->state.line += (uint64_t)lp_take_sleb(&run->code); break;
    case SET_FILE: run->state.file = lp_take_uleb(&run->code); break;
    case SET_COLUMN: run->state.column = lp_take_uleb(&run->code); break;
    case NEGATE_STATEMENT:
    case SET_BASIC_BLOCK: break;
    case CONST_ADD_ADDRESS: advance(run, (255u - unit->opcode_base) / unit->line_range); break;
    case FIXED_ADVANCE_ADDRESS: run->state.address += lp_take(&run->code, 2); break;
    default:
        for (uint8_t i = 0; i < unit->operand_counts[opcode - 1]; i++) (void)lp_take_uleb(&run->code);
    }
}

static void run_special(lp_line_run *run, uint8_t opcode) {
    const lp_line_unit *unit = run->unit;
    const unsigned adjusted = (unsigned)opcode - unit->opcode_base;
    advance(run, adjusted / unit->line_range);
    run->state.line += (uint64_t)((int64_t)unit->line_base + (int64_t)(adjusted % unit->line_range));
}

bool lp_next_line(lp_line_run *run, lp_line_row *row) {
    while (lp_rest(&run->code) > 0) {
        const uint8_t opcode = (uint8_t)lp_take(&run->code, 1);
        bool is_end = false;
        bool is_row = true;
        if (opcode >= run->unit->opcode_base) {
            run_special(run, opcode);
        } else if (opcode == EXTENDED) {
            is_end = is_row = run_extended(run);
        } else if (opcode != COPY) {
            run_standard(run, opcode);
            is_row = false;
        }
        if (!run->code.is_sound) return false;
        if (!is_row) continue;
        *row = run->state;
        row->is_end = is_end;
        if (is_end) reset(run);
        return true;
    }
    return false;
}
