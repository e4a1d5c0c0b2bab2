// What the unwinder must know about arm64.
#include "unwind.h"

#if LP_HAS_UNWINDER && defined(__aarch64__)

#include <errno.h>
#include <string.h>
#include <ucontext.h>

void lp_registers_of(const void *context, lp_registers *out) {
    const mcontext_t *machine = &((const ucontext_t *)context)->uc_mcontext;
    for (int column = 0; column < 31; column++) out->value[column] = machine->regs[column];
    out->value[LP_STACK_POINTER] = machine->sp;
    out->value[LP_PC] = machine->pc;
}

// Stores what a call preserves, the stack pointer, and the return address.
__attribute__((naked, noinline)) void lp_registers_here(__attribute__((unused)) lp_registers *out) {
    __asm__("stp x19, x20, [x0, #152]\n"
            "stp x21, x22, [x0, #168]\n"
            "stp x23, x24, [x0, #184]\n"
            "stp x25, x26, [x0, #200]\n"
            "stp x27, x28, [x0, #216]\n"
            "stp x29, x30, [x0, #232]\n"
            "mov x9, sp\n"
            "str x9, [x0, #248]\n"
            "str x30, [x0, #256]\n"
            "ret\n");
}

bool lp_ended_a_call(const void *context) {
    const mcontext_t *machine = &((const ucontext_t *)context)->uc_mcontext;
    // A call that is restarted has its instruction before it again, one that failed has it behind.
    if ((int64_t)machine->regs[0] != -EINTR) return false;
    static const uint32_t supervisor_call = 0xd4000001;
    return *(const uint32_t *)(uintptr_t)(machine->pc - 4) == supervisor_call;
}

// Linux gives user space 48 bits; a signed return address has its signature above them.
uint64_t lp_plain_address(uint64_t address) { return address & 0x0000ffffffffffffull; }

// Compilers mark the frame record here, so no prologue needs to be known.
bool lp_is_async_prologue(uint64_t function) {
    (void)function;
    return false;
}

bool lp_next_epilogue(const uint8_t *code, size_t size, size_t *at, lp_epilogue *out) {
    (void)code, (void)size, (void)at, (void)out;
    return false;
}

bool lp_follows_call(uint64_t address) {
    (void)address;
    return false;
}

int lp_kept_registers(const uint8_t **columns) {
    static const uint8_t kept[] = {19, 20, 21, 22, 23, 24, 25, 26, 27, 28, LP_FRAME_POINTER, 30};
    *columns = kept;
    return sizeof kept;
}

#endif
