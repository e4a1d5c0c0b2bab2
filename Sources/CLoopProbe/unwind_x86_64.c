// What the unwinder must know about x86-64.
#include "unwind.h"

#if LP_HAS_UNWINDER && defined(__x86_64__)

#include <errno.h>
#include <string.h>
#include <ucontext.h>

// DWARF's order of the registers (System V ABI, figure 3.36), in the kernel's names.
static const int greg_of_column[] = {
    REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
    REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

void lp_registers_of(const void *context, lp_registers *out) {
    const greg_t *registers = ((const ucontext_t *)context)->uc_mcontext.gregs;
    for (int column = 0; column < LP_CFI_COLUMNS; column++) {
        out->value[column] = column <= LP_PC ? (uint64_t)registers[greg_of_column[column]] : 0;
    }
}

// Stores what a call preserves, the stack pointer after the return, and the return address.
__attribute__((naked, noinline)) void lp_registers_here(__attribute__((unused)) lp_registers *out) {
    __asm__("movq %rbx, 24(%rdi)\n"
            "movq %rbp, 48(%rdi)\n"
            "leaq 8(%rsp), %rax\n"
            "movq %rax, 56(%rdi)\n"
            "movq %r12, 96(%rdi)\n"
            "movq %r13, 104(%rdi)\n"
            "movq %r14, 112(%rdi)\n"
            "movq %r15, 120(%rdi)\n"
            "movq (%rsp), %rax\n"
            "movq %rax, 128(%rdi)\n"
            "retq\n");
}

bool lp_ended_a_call(const void *context) {
    const greg_t *registers = ((const ucontext_t *)context)->uc_mcontext.gregs;
    // A call that is restarted has its instruction before it again, one that failed has it behind.
    if (registers[REG_RAX] != -EINTR) return false;
    const uint8_t *instruction = (const uint8_t *)registers[REG_RIP] - 2;
    return instruction[0] == 0x0f && instruction[1] == 0x05;
}

uint64_t lp_plain_address(uint64_t address) { return address; }

bool lp_is_async_prologue(uint64_t function) {
    // push rbp; push r14; lea rbp, [rsp + 8]: r14 holds the async context. Compilers for Linux don't mark the record.
    static const uint8_t prologue[] = {0x55, 0x41, 0x56, 0x48, 0x8d, 0x6c, 0x24, 0x08};
    return memcmp((const void *)(uintptr_t)function, prologue, sizeof prologue) == 0;
}

// DWARF's number of the register in a pop's last three bits.
static uint8_t column_of_pop(const uint8_t *pop, bool is_extended) {
    static const uint8_t columns[] = {0, 2, 1, 3, 7, 6, 4, 5};
    uint8_t bits = *pop & 7;
    return is_extended ? (uint8_t)(bits + 8) : columns[bits];
}

// Reads backward from a return instruction: pops, and before them an addition to the stack pointer.
static bool read_epilogue(const uint8_t *code, size_t at, lp_epilogue *out) {
    *out = (lp_epilogue){0};
    uint8_t backward[sizeof out->columns];
    while (at > 0 && (code[at - 1] & 0xf8) == 0x58 && out->count < (int)sizeof backward) {
        bool is_extended = at > 1 && code[at - 2] == 0x41;
        backward[out->count++] = column_of_pop(&code[at - 1], is_extended);
        at -= is_extended ? 2 : 1;
    }
    for (int index = 0; index < out->count; index++) out->columns[index] = backward[out->count - 1 - index];
    uint32_t wide;
    if (at >= 4 && memcmp(&code[at - 4], (const uint8_t[]){0x48, 0x83, 0xc4}, 3) == 0 && code[at - 1] < 0x80) {
        out->added = code[at - 1];
    } else if (at >= 7 && memcmp(&code[at - 7], (const uint8_t[]){0x48, 0x81, 0xc4}, 3) == 0) {
        memcpy(&wide, &code[at - 4], sizeof wide);
        out->added = wide;
    }
    // At a call the stack is aligned to 16 bytes, of which the return address takes 8.
    return (out->added + 8 * (uint64_t)out->count) % 16 == 8;
}

bool lp_next_epilogue(const uint8_t *code, size_t size, size_t *at, lp_epilogue *out) {
    while (*at < size) {
        size_t here = (*at)++;
        if (code[here] == 0xc3 && read_epilogue(code, here, out)) return true;
    }
    return false;
}

bool lp_follows_call(uint64_t address) {
    const uint8_t *end = (const uint8_t *)(uintptr_t)address;
    if (end[-5] == 0xe8) return true;
    // Indirect calls: FF with 2 as the middle bits of the next byte.
    for (int length = 2; length <= 7; length++) {
        if (end[-length] == 0xff && (end[1 - length] & 0x38) == 0x10) return true;
    }
    return false;
}

int lp_kept_registers(const uint8_t **columns) {
    // R10 isn't preserved, but holds the frame's address where a function aligns its stack.
    static const uint8_t kept[] = {3, LP_FRAME_POINTER, 10, 12, 13, 14, 15};
    *columns = kept;
    return sizeof kept;
}

#endif
