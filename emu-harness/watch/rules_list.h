// SPDX-License-Identifier: GPL-2.0-or-later
// The rules by name.  An id never changes its meaning; a rule that goes away takes its id with it.
#pragma once

#include "watch/rule.h"

namespace ringcheck::rules {

inline constexpr Rule kUserEntrySelectors{
    "user-entry-selectors", "ring 3 is entered with CPL 3 and the user's code and data selectors in CS and SS",
    "[SDM 2B SYSRET \"Operation\"; SDM 2A IRET]", "user_code_selector, user_data_selector",
    "IA32_STAR for SYSRET, the frame's CS and SS for IRET"};
inline constexpr Rule kUserEntryFlags{
    "user-entry-flags",
    "ring 3 runs with IF = 1, IOPL = 0, VM = 0, and with AC and NT as it left them, 0 in a new program",
    "[SDM 1 \"EFLAGS Register\"]", "[landmarks] process_started (for threads that others made)",
    "R11 for SYSRET, the frame's RFLAGS for IRET: who wrote it, and which bits it lets a user set"};
inline constexpr Rule kUserEntryCr3{"user-entry-cr3", "ring 3 runs on the page tables of the thread's own process",
                                    "[SDM 3A \"Control Registers\"]", "[landmarks] process_started, process_ended",
                                    "the write of CR3 at the last switch of threads"};
inline constexpr Rule kUserEntryRsp0{"user-entry-rsp0",
                                     "TSS.RSP0 and the SYSCALL entry's stack slot are both the top of one kernel stack",
                                     "[SDM 3A \"Task Management in 64-bit Mode\"; SDM 2B SYSCALL]",
                                     "[kernel_stacks]; [per_cpu] self or block, kernel_stack",
                                     "what the last switch of threads wrote to the TSS and to the per-CPU block"};
inline constexpr Rule kUserEntryRunningStack{
    "user-entry-running-stack", "the kernel stack that ring 3 is entered from is the one that TSS.RSP0 names",
    "[SDM 3A \"Task Management in 64-bit Mode\"]", "[kernel_stacks]",
    "the switch of threads: it changed RSP and RSP0 to different stacks, or RSP0 not at all"};
inline constexpr Rule kUserEntryStackEmpty{
    "user-entry-stack-empty", "nothing but the IRET frame is left on the kernel stack when ring 3 is entered",
    "[SDM 3A \"64-Bit Mode Stack Frame\"]", "[kernel_stacks]",
    "what was pushed since the entry and not popped; the next entry overwrites it"};
inline constexpr Rule kUserEntryGs{
    "user-entry-gs", "GS base is the user's, and IA32_KERNEL_GS_BASE holds the per-CPU block", "[SDM 2B SWAPGS]",
    "[per_cpu] self or block", "the SWAPGS of the way out, with --all: one is missing or one too many"};
inline constexpr Rule kUserEntryDr7{"user-entry-dr7", "DR7 enables no breakpoint when ring 3 is entered",
                                    "[SDM 3B \"Debug Registers\"]", "",
                                    "who wrote DR7; a switch of threads or the #DB handler has to clear it"};
inline constexpr Rule kUserEntryIoMap{
    "user-entry-io-map", "the TSS's I/O permission bit map lies behind the TSS's own fields, or is none",
    "[SDM 1 \"I/O Permission Bit Map\"]", "",
    "the TSS's last field, the map's base: 0, as memory is at first, makes ports of ring 3 what RSP0 and the IST say"};
inline constexpr Rule kUserEntryFloats{"user-entry-floats",
                                       "ring 3 finds the x87 and SSE registers as it left them, initial at first",
                                       "[SDM 1 \"FXSAVE and FXRSTOR Instructions\"; psABI AMD64 \"Initial Stack and "
                                       "Register State\"]",
                                       "[landmarks] process_started (for the first entry)",
                                       "what the switch of threads saves and loads, and kernel code that uses SSE"};
inline constexpr Rule kFirstEntryClean{
    "first-entry-clean", "a process starts with every general register but RSP, and FS and GS base, zero",
    "[psABI AMD64 \"Initial Stack and Register State\"]", "[landmarks] process_started",
    "the frame that was made for the new thread, and what the way out pops after it"};
inline constexpr Rule kSyscallPreservesRegisters{
    "syscall-preserves-registers",
    "a system call returns behind itself and changes no register but its result, and RCX and R11 by SYSCALL",
    "[psABI AMD64 \"Linux Conventions: Calling Conventions\"]", "[syscall] (without it: as on Linux)",
    "the order of pushes and pops of the entry"};
inline constexpr Rule kInterruptPreservesRegisters{
    "interrupt-preserves-registers", "an interrupt of ring 3 returns where it came from and changes no register",
    "[SDM 3A \"Interrupt and Exception Handling\"]", "",
    "the order of pushes and pops of the interrupt's entry, and what a switch of threads saves"};
inline constexpr Rule kHandlerRegisters{"handler-registers",
                                        "a signal's handler begins with the registers that the program had, its "
                                        "arguments (RDI, RSI, RDX), RAX, RSP and the "
                                        "flags apart",
                                        "[Linux arch/x86/kernel/signal_64.c, x64_setup_rt_frame()]", "signal_delivered",
                                        "what is written to the frame of the entry when the signal's frame is built"};
inline constexpr Rule kCallMadeAgain{
    "call-made-again",
    "a system call that is made again stands at its own instruction, with its number, or restart_syscall's, and its "
    "arguments",
    "[signal(7) \"Interruption of system calls and library functions by signal handlers\"]", "call_restarts",
    "what is taken from RIP, and where the number comes from that is put back into RAX"};
inline constexpr Rule kWriteProtectOn{
    "write-protect-on", "paging, write protection in ring 0 and no-execute are on: CR0.PG, CR0.WP, EFER.NXE",
    "[SDM 3A \"Control Registers\"; SDM 4 \"IA32_EFER\"]", "", "the writes of CR0 and IA32_EFER since boot"};
inline constexpr Rule kKernelPagesSupervisor{
    "kernel-pages-supervisor",
    "no page of the upper half has its U bit set, even where the tables above it keep ring 3 out",
    "[SDM 3A \"Determination of Access Rights\"]", "", "who made the entry, and with which flags"};
inline constexpr Rule kNoWritableExecutable{"no-writable-executable", "no page is both writable and executable",
                                            "[SDM 3A \"Determination of Access Rights\"]", "",
                                            "who made the entry; rights are the AND over the levels"};
inline constexpr Rule kKernelGsAtDispatch{"kernel-gs-at-dispatch",
                                          "a handler in ring 0 runs with GS base at the per-CPU block",
                                          "[SDM 2B SWAPGS]", "[landmarks] dispatch, [per_cpu] self or block",
                                          "the SWAPGS of the way in, with --all: one is missing or one too many"};
inline constexpr Rule kKernelStackAtDispatch{
    "kernel-stack-at-dispatch", "a handler of an entry from ring 3 runs on the thread's kernel stack or an IST stack",
    "[SDM 3A \"64-Bit Mode Stack Frame\"; SDM 2B SYSCALL]", "[landmarks] dispatch, [kernel_stacks]",
    "where the entry takes RSP from"};
inline constexpr Rule kKernelFlagsAtDispatch{
    "kernel-flags-at-dispatch", "a handler in ring 0 runs with DF, AC, TF and NT clear",
    "[psABI AMD64 \"Registers\"; SDM 3A \"Supervisor-mode access prevention\"; SDM 1 \"EFLAGS Register\"]",
    "[landmarks] dispatch",
    "IA32_FMASK for SYSCALL; a gate clears TF and NT, and leaves DF and AC to the entry's CLD and CLAC"};
inline constexpr Rule kKernelEntryPoint{
    "kernel-entry-point", "ring 3 enters ring 0 at an entry point that the guest's description names",
    "[SDM 3A \"IDT Descriptors\"; SDM 2B SYSCALL]", "[kernel] entries",
    "the gate of that vector, or IA32_LSTAR: it holds another address than it should"};
inline constexpr Rule kSyscallEntryFlags{
    "syscall-entry-flags", "SYSCALL enters ring 0 with IF, DF, AC, TF and NT clear",
    "[SDM 2B SYSCALL \"Operation\"; SDM 1 \"EFLAGS Register\"]", "", "the bits that are missing in IA32_FMASK"};
inline constexpr Rule kPopulatedGates{
    "populated-gates",
    "every event that ring 3 did not ask for finds a present gate whose handler is mapped and executable",
    "[SDM 3A \"64-Bit Mode IDT\"]", "", "the IDT entry of this vector, and LIDT's limit"};
inline constexpr Rule kIretFrameOnce{"iret-frame-once", "the frame that an event pushed is returned through once",
                                     "[SDM 3A \"64-Bit Mode Stack Frame\"; SDM 2A IRET]", "",
                                     "RSP on the way out: it points at a frame whose event is over"};
inline constexpr Rule kSwapgsBalanced{
    "swapgs-balanced",
    "ring 0 is left with the GS bases in their places, and an event in ring 0 returns to the GS base that it found",
    "[SDM 2B SWAPGS]", "",
    "the SWAPGS between entry and exit, with --all; an entry swaps if and only if it came from ring 3"};

inline constexpr Rule kInterruptEndedOnce{
    "interrupt-ended-once",
    "an interrupt's handler sends the end-of-interrupt commands that it owes, no "
    "fewer and no more",
    "[8259A datasheet \"End of Interrupt\"; SDM 3A \"Signaling Interrupt Servicing "
    "Completion\"]",
    "", "the handler of this vector; a spurious interrupt gets none"};
inline constexpr Rule kSchedulerLock{
    "scheduler-lock", "nothing allocates or blocks under the scheduler's lock", "[emu-harness/README.md \"Rules\"]",
    "[landmarks] lock_taken, lock_released, not_under_lock", "who took the lock and called this before releasing it"};
inline constexpr Rule kKernelStackBeforeStore{
    "kernel-stack-before-store",
    "after SYSCALL, the first store on the stack goes to the thread's kernel stack",
    "[SDM 2B SYSCALL]",
    "[kernel_stacks] (without it: to no user page)",
    "the first instructions of the entry: RSP is the user's until they load it",
    RuleCost::Strict};
inline constexpr Rule kKernelGsBeforeUse{"kernel-gs-before-use",
                                         "ring 0 uses GS with the kernel's GS base",
                                         "[SDM 2B SWAPGS]",
                                         "[per_cpu] self or block (without it: with another than ring 3 had)",
                                         "the SWAPGS before this instruction, with --all",
                                         RuleCost::Strict};
inline constexpr Rule kInterruptsOffOnUserStack{"interrupts-off-on-user-stack",
                                                "IF is 0 in ring 0 while RSP is the user's",
                                                "[SDM 2B SYSCALL \"Operation\"; SDM 3A \"64-Bit Mode Stack Frame\"]",
                                                "",
                                                "IA32_FMASK at the entry; at the exit, CLI before RSP is loaded",
                                                RuleCost::Strict};
inline constexpr Rule kCr2ReadFirst{
    "cr2-read-first",
    "a page fault's handler reads CR2 before interrupts are on and before another page fault",
    "[SDM 3A \"Interrupt 14—Page-Fault Exception (#PF)\"]",
    "",
    "what runs between the entry and the read of CR2",
    RuleCost::Strict};
inline constexpr Rule kNoUserAccess{
    "no-user-access",
    "ring 0 fetches nothing from user pages, and loads and stores there in user_copy alone",
    "[SDM 3A \"Determination of Access Rights\"]",
    "[kernel] user_copy (without it: fetches alone)",
    "the pointer: it is the user's and has not been checked, or the stack is",
    RuleCost::Strict};
inline constexpr Rule kNoStaleTranslation{
    "no-stale-translation",
    "no page is used by a translation that the CPU may still hold and the tables no longer grant",
    "[SDM 3A \"Caching Translation Information\", \"Invalidation of TLBs and Paging-Structure Caches\"]",
    "",
    "who changed the entry: INVLPG or a write of CR3 has to follow before the page is used",
    RuleCost::Strict};
inline constexpr Rule kNoReadOnlyStore{"no-read-only-store",
                                       "ring 0 stores nothing into a read-only segment of its image",
                                       "[ELF \"Program Header\", p_flags]",
                                       "[kernel] read_only (more than the image's own)",
                                       "the pointer, and the alias that it goes through",
                                       RuleCost::Strict};
inline constexpr Rule kNoFreedFrameStore{"no-freed-frame-store",
                                         "ring 0 stores nothing into a frame that was freed and not allocated again",
                                         "[emu-harness/README.md \"Rules\"]",
                                         "[landmarks] frame_freed, frame_allocated",
                                         "who keeps a pointer into the frame, or who freed it too soon",
                                         RuleCost::Strict};
inline constexpr Rule kNoForeignStackStore{"no-foreign-stack-store",
                                           "ring 0 stores nothing into the kernel stack of another thread",
                                           "[SDM 3A \"Task Management in 64-bit Mode\"]",
                                           "[kernel_stacks]",
                                           "the pointer: an object on a stack that is no longer the running one",
                                           RuleCost::Strict};

inline constexpr const Rule* kAll[] = {
    &kUserEntrySelectors,
    &kUserEntryFlags,
    &kUserEntryCr3,
    &kUserEntryRsp0,
    &kUserEntryRunningStack,
    &kUserEntryStackEmpty,
    &kUserEntryGs,
    &kUserEntryDr7,
    &kUserEntryIoMap,
    &kUserEntryFloats,
    &kFirstEntryClean,
    &kSyscallPreservesRegisters,
    &kInterruptPreservesRegisters,
    &kHandlerRegisters,
    &kCallMadeAgain,
    &kWriteProtectOn,
    &kKernelPagesSupervisor,
    &kNoWritableExecutable,
    &kKernelGsAtDispatch,
    &kKernelStackAtDispatch,
    &kKernelFlagsAtDispatch,
    &kSyscallEntryFlags,
    &kKernelEntryPoint,
    &kPopulatedGates,
    &kIretFrameOnce,
    &kSwapgsBalanced,
    &kInterruptEndedOnce,
    &kSchedulerLock,
    &kKernelStackBeforeStore,
    &kKernelGsBeforeUse,
    &kInterruptsOffOnUserStack,
    &kCr2ReadFirst,
    &kNoUserAccess,
    &kNoStaleTranslation,
    &kNoReadOnlyStore,
    &kNoFreedFrameStore,
    &kNoForeignStackStore,
};

} // namespace ringcheck::rules
