// The interpreter of call frame information (DWARF 5, section 6.4, as .eh_frame holds it), for tests with canned bytes.
#ifndef LOOP_PROBE_CFI_H
#define LOOP_PROBE_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LP_CFI_COLUMNS 33  // x86-64 uses 0 to 16, arm64 0 to 31; vector registers are left out

// Where the caller's value of a register is.
enum lp_cfi_rule {
    LP_CFI_SAME = 0,
    LP_CFI_AT_OFFSET,      // in memory, at an offset from the frame's address
    LP_CFI_IS_OFFSET,      // it is that address
    LP_CFI_IN_REGISTER,
    LP_CFI_UNDEFINED,
    LP_CFI_AT_EXPRESSION,  // in memory, where an expression says
    LP_CFI_IS_EXPRESSION,
};

#define LP_CFI_BY_EXPRESSION (-1)

// The rules that hold at one instruction. An expression's value is its distance from the start of the bytes.
typedef struct {
    int32_t frame_register;  // LP_CFI_BY_EXPRESSION: frame_offset says where the expression is
    int32_t frame_offset;
    uint8_t rules[LP_CFI_COLUMNS];  // lp_cfi_rule
    int32_t values[LP_CFI_COLUMNS];
    uint8_t return_column;
    bool is_signal_frame;
    uint64_t function_start;
} lp_cfi_row;

// Reads the row for an address from the frame description at an offset into the bytes; false if the bytes say nothing
// about it, or are broken. Reads no byte outside, and no more than a bounded number.
bool lp_cfi_read(const uint8_t *bytes, size_t size, size_t offset, uint64_t address, lp_cfi_row *row);

// Evaluates the expression at an offset with these registers. Memory is read through a function that may refuse.
typedef bool (*lp_cfi_memory)(const void *context, uint64_t address, uint64_t *word);
bool lp_cfi_evaluate(
    const uint8_t *bytes, size_t size, size_t offset, const uint64_t registers[LP_CFI_COLUMNS], const uint64_t *initial,
    lp_cfi_memory memory, const void *context, uint64_t *value
);

#endif
