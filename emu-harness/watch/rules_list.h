// SPDX-License-Identifier: GPL-2.0-or-later
// The rules by name.  An id never changes its meaning; a rule that goes away takes its id with it.
#pragma once

#include "watch/rules.h"

namespace ringcheck::rules {

inline constexpr Rule kUserEntrySelectors{
    "user-entry-selectors", "ring 3 is entered with CPL 3 and the user's code and data selectors in CS and SS",
    "[SDM 2B SYSRET \"Operation\"; SDM 2A IRET]"};
inline constexpr Rule kUserEntryFlags{
    "user-entry-flags", "ring 3 runs with IF = 1, IOPL = 0, VM = 0, and with AC and NT as it left them, 0 at first",
    "[SDM 1 \"EFLAGS Register\"]"};
inline constexpr Rule kUserEntryCr3{"user-entry-cr3", "ring 3 runs on the page tables of the thread's own process",
                                    "[SDM 3A \"Control Registers\"]"};
inline constexpr Rule kUserEntryRsp0{"user-entry-rsp0",
                                     "TSS.RSP0 and the SYSCALL entry's stack slot are both the top of one kernel stack",
                                     "[SDM 3A \"Task Management in 64-bit Mode\"; SDM 2B SYSCALL]"};
inline constexpr Rule kUserEntryGs{
    "user-entry-gs", "GS base is the user's, and IA32_KERNEL_GS_BASE holds the per-CPU block", "[SDM 2B SWAPGS]"};
inline constexpr Rule kFirstEntryClean{"first-entry-clean",
                                       "a process starts with every general register but RSP, and FS and GS base, zero",
                                       "[psABI AMD64 \"Initial Stack and Register State\"]"};
inline constexpr Rule kSyscallPreservesRegisters{
    "syscall-preserves-registers", "a system call returns behind itself and changes no register but RAX, RCX and R11",
    "[psABI AMD64 \"Linux Conventions: Calling Conventions\"]"};
inline constexpr Rule kInterruptPreservesRegisters{
    "interrupt-preserves-registers", "an interrupt of ring 3 returns where it came from and changes no register",
    "[SDM 3A \"Interrupt and Exception Handling\"]"};
inline constexpr Rule kWriteProtectOn{
    "write-protect-on", "paging, write protection in ring 0 and no-execute are on: CR0.PG, CR0.WP, EFER.NXE",
    "[SDM 3A \"Control Registers\"; SDM 4 \"IA32_EFER\"]"};
inline constexpr Rule kKernelPagesSupervisor{
    "kernel-pages-supervisor",
    "no page of the upper half has its U bit set, even where the tables above it keep ring 3 out",
    "[SDM 3A \"Determination of Access Rights\"]"};
inline constexpr Rule kNoWritableExecutable{"no-writable-executable", "no page is both writable and executable",
                                            "[SDM 3A \"Determination of Access Rights\"]"};
inline constexpr Rule kKernelGsAtDispatch{
    "kernel-gs-at-dispatch", "a handler in ring 0 runs with GS base at the per-CPU block", "[SDM 2B SWAPGS]"};
inline constexpr Rule kKernelStackAtDispatch{
    "kernel-stack-at-dispatch", "a handler of an entry from ring 3 runs on the thread's kernel stack or an IST stack",
    "[SDM 3A \"64-Bit Mode Stack Frame\"; SDM 2B SYSCALL]"};
inline constexpr Rule kSyscallEntryFlags{"syscall-entry-flags",
                                         "SYSCALL enters ring 0 with IF, DF, AC, TF and NT clear",
                                         "[SDM 2B SYSCALL \"Operation\"; SDM 1 \"EFLAGS Register\"]"};

inline constexpr const Rule* kAll[] = {
    &kUserEntrySelectors,
    &kUserEntryFlags,
    &kUserEntryCr3,
    &kUserEntryRsp0,
    &kUserEntryGs,
    &kFirstEntryClean,
    &kSyscallPreservesRegisters,
    &kInterruptPreservesRegisters,
    &kWriteProtectOn,
    &kKernelPagesSupervisor,
    &kNoWritableExecutable,
    &kKernelGsAtDispatch,
    &kKernelStackAtDispatch,
    &kSyscallEntryFlags,
};

} // namespace ringcheck::rules
