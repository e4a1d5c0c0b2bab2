// DWARF expressions, as signal frames and procedure linkage tables use them in call frame information.
#include "include/loop_probe_cfi.h"

#include "cfi_cursor.h"

#define MOST_OPERATIONS 64
#define MOST_VALUES 16

typedef struct {
    lp_cursor code;
    uint64_t values[MOST_VALUES];
    int count;
} machine;

static void push(machine *run, uint64_t value) {
    if (run->count == MOST_VALUES) {
        lp_break(&run->code);
    } else {
        run->values[run->count++] = value;
    }
}

static uint64_t pop(machine *run) {
    if (run->count == 0) {
        lp_break(&run->code);
        return 0;
    }
    return run->values[--run->count];
}

static bool push_constant(machine *run, uint8_t operation) {
    lp_cursor *code = &run->code;
    switch (operation) {
    case 0x03: case 0x0e: case 0x0f: push(run, lp_take(code, 8)); return true;
    case 0x08: push(run, lp_take(code, 1)); return true;
    case 0x09: push(run, (uint64_t)lp_take_signed(code, 1)); return true;
    case 0x0a: push(run, lp_take(code, 2)); return true;
    case 0x0b: push(run, (uint64_t)lp_take_signed(code, 2)); return true;
    case 0x0c: push(run, lp_take(code, 4)); return true;
    case 0x0d: push(run, (uint64_t)lp_take_signed(code, 4)); return true;
    case 0x10: push(run, lp_take_uleb(code)); return true;
    case 0x11: push(run, (uint64_t)lp_take_sleb(code)); return true;
    default: break;
    }
    if (operation < 0x30 || operation > 0x4f) return false;
    push(run, operation - 0x30u);
    return true;
}

static void combine(machine *run, uint8_t operation) {
    uint64_t right = pop(run);
    uint64_t left = pop(run);
    int64_t signed_right = (int64_t)right;
    int64_t signed_left = (int64_t)left;
    switch (operation) {
    case 0x1a: push(run, left & right); break;
    case 0x1c: push(run, left - right); break;
    case 0x1e: push(run, left * right); break;
    case 0x21: push(run, left | right); break;
    case 0x22: push(run, left + right); break;
    case 0x24: push(run, right < 64 ? left << right : 0); break;
    case 0x25: push(run, right < 64 ? left >> right : 0); break;
    case 0x27: push(run, left ^ right); break;
    case 0x29: push(run, left == right); break;
    case 0x2a: push(run, signed_left >= signed_right); break;
    case 0x2b: push(run, signed_left > signed_right); break;
    case 0x2c: push(run, signed_left <= signed_right); break;
    case 0x2d: push(run, signed_left < signed_right); break;
    case 0x2e: push(run, left != right); break;
    default: lp_break(&run->code); break;
    }
}

static void push_register(machine *run, uint64_t column, const uint64_t registers[LP_CFI_COLUMNS]) {
    uint64_t offset = (uint64_t)lp_take_sleb(&run->code);
    if (column >= LP_CFI_COLUMNS) {
        lp_break(&run->code);
    } else {
        push(run, registers[column] + offset);
    }
}

bool lp_cfi_evaluate(
    const uint8_t *bytes, size_t size, size_t offset, const uint64_t registers[LP_CFI_COLUMNS], const uint64_t *initial,
    lp_cfi_memory memory, const void *context, uint64_t *value
) {
    if (offset >= size) return false;
    machine run = {{bytes + offset, bytes + size, true}, {0}, 0};
    uint64_t length = lp_take_uleb(&run.code);
    if (!run.code.is_sound || length > lp_rest(&run.code)) return false;
    run.code.end = run.code.at + length;
    if (initial != NULL) push(&run, *initial);
    for (int count = 0; count < MOST_OPERATIONS && run.code.is_sound; count++) {
        if (run.code.at == run.code.end) {
            *value = pop(&run);
            return run.code.is_sound;
        }
        uint8_t operation = (uint8_t)lp_take(&run.code, 1);
        if (push_constant(&run, operation)) continue;
        if (operation == 0x06) {
            uint64_t word = 0;
            if (!memory(context, pop(&run), &word)) return false;
            push(&run, word);
        } else if (operation == 0x12) {
            uint64_t top = pop(&run);
            push(&run, top);
            push(&run, top);
        } else if (operation == 0x23) {
            push(&run, pop(&run) + lp_take_uleb(&run.code));
        } else if (operation >= 0x70 && operation <= 0x8f) {
            push_register(&run, operation - 0x70u, registers);
        } else if (operation == 0x92) {
            push_register(&run, lp_take_uleb(&run.code), registers);
        } else {
            combine(&run, operation);
        }
    }
    return false;
}
