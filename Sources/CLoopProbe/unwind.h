// Stacks from registers: shared by the unwinder, its two architectures and the table of modules.
#ifndef UNWIND_H
#define UNWIND_H

#include "include/loop_probe_cfi.h"
#include "probe_internal.h"

#if LP_IS_SUPPORTED

// The code of one segment of one loaded file, and where its frame descriptions are.
typedef struct {
    uint64_t low;
    uint64_t high;
    uint64_t base;              // what the file's addresses were moved by
    const int32_t *table;       // pairs {function, description}, relative to the header; null if there is none
    uint64_t table_count;
    uint64_t header;
    const uint8_t *frames;      // the segment that holds the descriptions
    size_t frames_size;
    const char *path;
} lp_module;

const lp_module *lp_find_module(uint64_t address);  // safe in a handler

#if LP_HAS_UNWINDER

// Values of the registers, by their DWARF numbers; the program counter has a place of its own.
typedef struct {
    uint64_t value[LP_CFI_COLUMNS];
} lp_registers;

#if defined(__x86_64__)
enum { LP_FRAME_POINTER = 6, LP_STACK_POINTER = 7, LP_PC = 16 };
#else
enum { LP_FRAME_POINTER = 29, LP_STACK_POINTER = 31, LP_PC = 32 };
#endif

// The bit that marks the frame record of a Swift async function.
#define LP_ASYNC_BIT (1ull << 60)

// ---- per architecture (unwind_x86_64.c, unwind_arm64.c)
void lp_registers_of(const void *ucontext, lp_registers *out);
void lp_registers_here(lp_registers *out);        // of the caller, right behind this call
bool lp_ended_a_call(const void *ucontext);       // whether a signal made a system call fail with EINTR
uint64_t lp_plain_address(uint64_t address);      // without a signature
bool lp_is_async_prologue(uint64_t function);     // keeps the async context below the frame record, unmarked
int lp_kept_registers(const uint8_t **columns);   // those that a call preserves

// How a function without rules undoes its frame, as its last instructions show.
typedef struct {
    uint64_t added;      // what is added to the stack pointer first
    int count;           // registers that are popped then, in this order
    uint8_t columns[8];
} lp_epilogue;

// The next one behind *at, which moves on; false if there is none. arm64 keeps a frame record everywhere and has none.
bool lp_next_epilogue(const uint8_t *code, size_t size, size_t *at, lp_epilogue *out);
bool lp_follows_call(uint64_t address);  // whether the instruction before is a call; its module must be known

// ---- unwind.c
// Words of the stack between low and high are read directly, all others by asking the kernel.
typedef struct {
    uint64_t low;
    uint64_t high;
} lp_stack_window;

void lp_unwind(const lp_registers *from, bool is_after_call, lp_stack_window window, lp_stack *out);
int lp_walk_async(uint64_t context, uint64_t *addresses, int capacity);  // resume addresses of a context's parents

#endif
#endif
#endif
