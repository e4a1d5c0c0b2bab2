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

int lp_kept_registers(const uint8_t **columns) {
    // R10 isn't preserved, but holds the frame's address where a function aligns its stack.
    static const uint8_t kept[] = {3, LP_FRAME_POINTER, 10, 12, 13, 14, 15};
    *columns = kept;
    return sizeof kept;
}

#endif
