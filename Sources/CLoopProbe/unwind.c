// Walks a stack by call frame information, by frame pointers where there is none, and over Swift's async callers.
//
// Runs in a signal handler: it allocates nothing, takes no lock and reads only what it knows to be mapped.
#include "unwind.h"

#if LP_HAS_UNWINDER

#define MOST_CALLS 192
#define MOST_ASYNC_CALLERS 48
#define MOST_CODE 512   // of a function that is searched for its end
#define LONGEST_CALL 8
// No code is on the first page.
#define LEAST_ADDRESS 4096u

typedef enum { STEPPED, NO_RULES, AT_END } step_result;

// What a step found out about the frame that it left.
typedef struct {
    uint64_t function;         // 0 if unknown
    uint64_t frame_record;     // where the caller's frame pointer was saved; 0 if it wasn't
    uint64_t frame_address;    // the canonical frame address
    bool is_signal_frame;
} left_frame;

__attribute__((no_sanitize("address", "thread", "hwaddress")))
static bool read_word(const lp_stack_window *window, uint64_t address, uint64_t *word) {
    bool is_inside = address >= window->low && address < window->high && window->high - address >= sizeof *word;
    if (!is_inside || address % sizeof *word != 0) return lp_safe_read(address, word, sizeof *word);
    *word = *(const volatile uint64_t *)(uintptr_t)address;
    return true;
}

static bool read_for_expression(const void *window, uint64_t address, uint64_t *word) {
    return read_word(window, address, word);
}

static bool find_row(const lp_module *module, uint64_t address, lp_cfi_row *row) {
    if (module == NULL || module->table == NULL) return false;
    int64_t distance = (int64_t)(address - module->header);
    uint64_t low = 0;
    uint64_t high = module->table_count;
    while (high - low > 1) {
        uint64_t middle = (low + high) / 2;
        if (module->table[middle * 2] <= distance) {
            low = middle;
        } else {
            high = middle;
        }
    }
    uint64_t description = module->header + (uint64_t)(int64_t)module->table[low * 2 + 1];
    uint64_t frames = (uint64_t)(uintptr_t)module->frames;
    if (description < frames || description - frames >= module->frames_size) return false;
    return lp_cfi_read(module->frames, module->frames_size, (size_t)(description - frames), address, row);
}

// A frame record's mark is no part of the address.
static uint64_t value_of(const lp_registers *registers, int column) {
    uint64_t value = registers->value[column];
    return column == LP_FRAME_POINTER ? value & ~LP_ASYNC_BIT : value;
}

static bool frame_address_of(
    const lp_module *module, const lp_cfi_row *row, const lp_registers *registers, const lp_stack_window *window,
    uint64_t *frame
) {
    if (row->frame_register != LP_CFI_BY_EXPRESSION) {
        *frame = value_of(registers, row->frame_register) + (uint64_t)(int64_t)row->frame_offset;
        return true;
    }
    return lp_cfi_evaluate(
        module->frames, module->frames_size, (size_t)row->frame_offset, registers->value, NULL, read_for_expression,
        window, frame
    );
}

// The caller's value of one register; `at` is where it was saved, 0 if it wasn't.
static bool restore(
    const lp_module *module, const lp_cfi_row *row, int column, uint64_t frame, const lp_registers *registers,
    const lp_stack_window *window, uint64_t *value, uint64_t *at
) {
    int32_t operand = row->values[column];
    *at = 0;
    switch (row->rules[column]) {
    case LP_CFI_SAME: *value = registers->value[column]; return true;
    case LP_CFI_IS_OFFSET: *value = frame + (uint64_t)(int64_t)operand; return true;
    case LP_CFI_AT_OFFSET:
        *at = frame + (uint64_t)(int64_t)operand;
        return read_word(window, *at, value);
    case LP_CFI_IN_REGISTER:
        if (operand < 0 || operand >= LP_CFI_COLUMNS) return false;
        *value = registers->value[operand];
        return true;
    case LP_CFI_AT_EXPRESSION: case LP_CFI_IS_EXPRESSION: {
        uint64_t result;
        if (!lp_cfi_evaluate(
                module->frames, module->frames_size, (size_t)operand, registers->value, &frame, read_for_expression,
                window, &result
            )) {
            return false;
        }
        if (row->rules[column] == LP_CFI_IS_EXPRESSION) {
            *value = result;
            return true;
        }
        *at = result;
        return read_word(window, result, value);
    }
    default: return false;
    }
}

static step_result step_by_rules(
    lp_registers *registers, bool is_after_call, const lp_stack_window *window, left_frame *left
) {
    // A return address may be the first of the next function, so the call is looked up instead.
    uint64_t address = registers->value[LP_PC] - (is_after_call ? 1 : 0);
    const lp_module *module = lp_find_module(address);
    lp_cfi_row row;
    if (!find_row(module, address, &row)) return NO_RULES;
    if (row.rules[row.return_column] == LP_CFI_UNDEFINED) return AT_END;
    uint64_t frame;
    if (!frame_address_of(module, &row, registers, window, &frame)) return NO_RULES;

    lp_registers caller = *registers;
    uint64_t at;
    const uint8_t *columns;
    int count = lp_kept_registers(&columns);
    for (int index = 0; index < count; index++) {
        int column = columns[index];
        if (!restore(module, &row, column, frame, registers, window, &caller.value[column], &at)) return NO_RULES;
        if (column == LP_FRAME_POINTER) left->frame_record = at;
    }
    uint64_t target;
    if (!restore(module, &row, row.return_column, frame, registers, window, &target, &at)) return NO_RULES;
    // On x86-64 the return address has no register that it could have stayed in.
    if (row.return_column == LP_PC && row.rules[LP_PC] == LP_CFI_SAME) return NO_RULES;
    caller.value[LP_PC] = lp_plain_address(target);
    caller.value[LP_STACK_POINTER] = frame;
    if (row.is_signal_frame) {
        restore(module, &row, LP_STACK_POINTER, frame, registers, window, &caller.value[LP_STACK_POINTER], &at);
    } else if (frame < registers->value[LP_STACK_POINTER]) {
        return NO_RULES;
    } else if (frame == registers->value[LP_STACK_POINTER] && caller.value[LP_PC] == registers->value[LP_PC]) {
        return NO_RULES;
    }
    *registers = caller;
    left->function = row.function_start;
    left->frame_address = frame;
    left->is_signal_frame = row.is_signal_frame;
    return STEPPED;
}

// Compilers leave out the rules of functions that throw nothing, as half of the Swift libraries' are; where such a
// function keeps no frame record either, the frame pointer is its caller's, and following it would lose the caller.
static step_result step_by_epilogue(lp_registers *registers, const lp_stack_window *window, left_frame *left) {
    uint64_t address = registers->value[LP_PC];
    const lp_module *module = lp_find_module(address);
    if (module == NULL) return NO_RULES;
    const uint8_t *code = (const uint8_t *)(uintptr_t)address;
    size_t size = module->high - address < MOST_CODE ? (size_t)(module->high - address) : MOST_CODE;
    lp_epilogue found;
    for (size_t at = 0; lp_next_epilogue(code, size, &at, &found);) {
        lp_registers caller = *registers;
        uint64_t slot = registers->value[LP_STACK_POINTER] + found.added;
        bool is_read = true;
        for (int index = 0; index < found.count; index++, slot += 8) {
            is_read = is_read && read_word(window, slot, &caller.value[found.columns[index]]);
        }
        uint64_t target;
        if (!is_read || !read_word(window, slot, &target)) continue;
        const lp_module *origin = lp_find_module(target);
        // Bytes that only look like an epilogue lead to a word that is no return address.
        if (origin == NULL || target - origin->low < LONGEST_CALL || !lp_follows_call(target)) continue;
        *left = (left_frame){.frame_address = slot + 8};
        *registers = caller;
        registers->value[LP_STACK_POINTER] = slot + 8;
        registers->value[LP_PC] = target;
        return STEPPED;
    }
    return NO_RULES;
}

static step_result step_by_frame_pointer(lp_registers *registers, const lp_stack_window *window, left_frame *left) {
    uint64_t record = registers->value[LP_FRAME_POINTER] & ~LP_ASYNC_BIT;
    uint64_t next;
    uint64_t target;
    if (record < registers->value[LP_STACK_POINTER] || record % 8 != 0) return AT_END;
    if (!read_word(window, record, &next) || !read_word(window, record + 8, &target)) return AT_END;
    *left = (left_frame){.frame_record = record, .frame_address = record + 16};
    registers->value[LP_STACK_POINTER] = record + 16;
    registers->value[LP_FRAME_POINTER] = next;
    registers->value[LP_PC] = lp_plain_address(target);
    return STEPPED;
}

int lp_walk_async(uint64_t context, uint64_t *addresses, int capacity) {
    int count = 0;
    // A context begins with its parent and where that resumes.
    while (context != 0 && count < capacity) {
        uint64_t pair[2];
        if (!lp_safe_read(context, pair, sizeof pair) || lp_plain_address(pair[1]) < LEAST_ADDRESS) break;
        addresses[count++] = lp_plain_address(pair[1]);
        context = pair[0];
    }
    return count;
}

// The async context of the frame that was just left, 0 if it has none. It is kept below the frame record.
static uint64_t async_context(
    const lp_registers *registers, uint64_t address, const left_frame *left, const lp_stack_window *window
) {
    uint64_t record = left->frame_record;
    bool is_async = record != 0 && (registers->value[LP_FRAME_POINTER] >> 60) == 1;
    if (!is_async && left->function != 0 && address >= left->function + 8 && lp_is_async_prologue(left->function)) {
        is_async = true;
        record = left->frame_address - 16;
    }
    uint64_t context;
    return is_async && read_word(window, record - 8, &context) ? context : 0;
}

static void append(lp_stack *out, uint64_t address, uint8_t kind) {
    if (out->count >= LP_MAX_FRAMES) return;
    out->addresses[out->count] = address;
    out->kinds[out->count++] = kind;
}

static void append_async_callers(lp_stack *out, uint64_t context) {
    if (lp_is_refused(LP_ASYNC_CALLERS)) return;
    int room = LP_MAX_FRAMES - out->count;
    int most = room < MOST_ASYNC_CALLERS ? room : MOST_ASYNC_CALLERS;
    int count = lp_walk_async(context, &out->addresses[out->count], most);
    for (int index = 0; index < count; index++) out->kinds[out->count + index] = LP_ASYNC_RESUME;
    out->count += count;
}

void lp_unwind(const lp_registers *from, bool is_after_call, lp_stack_window window, lp_stack *out) {
    lp_registers registers = *from;
    bool has_async_callers = false;
    out->count = 0;
    for (int calls = 0; calls < MOST_CALLS; calls++) {
        uint64_t address = registers.value[LP_PC];
        append(out, address, is_after_call ? LP_RETURN_ADDRESS : LP_PROGRAM_COUNTER);
        left_frame left = {0};
        step_result result = step_by_rules(&registers, is_after_call, &window, &left);
        if (result == NO_RULES && is_after_call) result = step_by_epilogue(&registers, &window, &left);
        if (result == NO_RULES) result = step_by_frame_pointer(&registers, &window, &left);
        if (result == AT_END) return;
        uint64_t context = async_context(&registers, address, &left, &window);
        registers.value[LP_FRAME_POINTER] &= ~LP_ASYNC_BIT;
        if (context != 0 && !has_async_callers) {
            append_async_callers(out, context);
            has_async_callers = true;
        }
        if (registers.value[LP_PC] < LEAST_ADDRESS) return;
        is_after_call = !left.is_signal_frame;
    }
}

#endif
