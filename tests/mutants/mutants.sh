# SPDX-License-Identifier: MIT
# The mutants, sourced by run_mutants.sh: name, file below kernel/, sed script (-E), the test that must fail.

mutant swapped-general-pushes cpu/trap_macros.inc \
    '/PUSH_GENERAL/,/endm/{s/push    %rbx/push    %swap/;s/push    %rcx/push    %rbx/;s/push    %swap/push    %rcx/}' \
    "SyscallEntry.SavesEachUserRegisterInItsOwnSlot"
mutant swapped-general-pushes-seen-by-events cpu/trap_macros.inc \
    '/PUSH_GENERAL/,/endm/{s/push    %r8$/push    %swap/;s/push    %r9$/push    %r8/;s/push    %swap/push    %r9/}' \
    "FromRing3/ExceptionEntry.SavesEachUserRegisterInItsOwnSlot/UD2"
mutant swapped-syscall-frame-pushes cpu/syscall_entry.S \
    's/push    %r11 /push    %swap /;s/push    %rcx /push    %r11 /;s/push    %swap /push    %rcx /' \
    "SyscallEntry.SavesEachUserRegisterInItsOwnSlot"
mutant star-without-rpl layout/selectors.h 's/put\(kKernelData \| 3\)/put(kKernelData)/' \
    "SyscallMsrs.StarGivesTheUserSelectorsWithRpl3"
mutant star-without-rpl-on-amd layout/selectors.h 's/put\(kKernelData \| 3\)/put(kKernelData)/' \
    "SyscallReturn.GivesTheUsersSelectorsOnBothVendors"
mutant stack-not-set-at-switch process/loom.cpp '/set_kernel_stack\(next/d' \
    "Ring3Entry.FindsRsp0AndTheSyscallStackOnTheThreadsOwnStack"
mutant rsp0-not-written cpu/gdt.cpp '/tss\.rsp\[0\] =/d' \
    "Ring3Entry.FindsRsp0AndTheSyscallStackOnTheThreadsOwnStack"
mutant syscall-stack-not-written cpu/gdt.cpp '/per_cpu\.kernel_rsp =/d' \
    "Ring3Entry.FindsRsp0AndTheSyscallStackOnTheThreadsOwnStack"
mutant cr3-not-written process/loom.cpp '/write_cr3\(next/d' \
    "Ring3Entry.RunsOnTheTablesThatHarborMadeForTheProgram"
mutant no-swapgs-at-syscall-entry cpu/syscall_entry.S '0,/    swapgs/{/    swapgs/d}' \
    "SyscallEntry.SwapsGsExactlyOnce"
mutant no-swapgs-before-sysretq cpu/syscall_entry.S '/FRAME_RSP/,/sysretq/{/    swapgs/d}' \
    "SyscallReturn.RestoresEveryRegisterButRaxRcxR11"
mutant no-swapgs-at-event-entry cpu/exception_entry.S '/jz      entered_from_kernel/,/lfence/{/    swapgs/d}' \
    "FromRing3/ExceptionEntry.HasTheKernelsGsAndCleanFlags/UD2"
mutant no-swapgs-before-iretq cpu/exception_entry.S '/^return_to_user:/,/iretq$/{/    swapgs/d}' \
    "Ring3Entry.LeavesTheKernelsGsBaseForSwapgs"
mutant write-protect-off cpu/asm_offsets_gen.cpp 's/arch::cr0::kWriteProtect \|//' \
    "Ring3Entry.HasPagingWriteProtectionAndNoExecuteOn"
mutant user-bit-on-the-image cpu/asm_offsets_gen.cpp \
    's/define\("ENTRY_(PRESENT|TABLE|WRITABLE)", /&PageEntry::kUser | /' \
    "PageTables.HaveNoUserBitOnTheWayToAKernelPage"
mutant user-bit-on-the-physical-map mm/kernel_memory.cpp 's/PageEntry::kNoExecute \| PageEntry::kGlobal/PageEntry::kUser | &/' \
    "PageTables.HaveNoUserBitOnTheWayToAKernelPage"
mutant writable-text cpu/boot.S '0,/\$ENTRY_PRESENT \| ENTRY_GLOBAL, %ebp/s//$ENTRY_WRITABLE, %ebp/' \
    "PageTables.HoldNoPageThatIsWritableAndExecutable"
mutant direction-flag-kept cpu/exception_entry.S '/^ordinary_entry:/,/testb/{/    cld/d}' \
    "FromRing3/ExceptionEntry.HasTheKernelsGsAndCleanFlags/UD2"
mutant flag-mask-without-nt cpu/cpu_features.cpp 's/~\(arch::rflags::kVirtual8086 \|/&arch::rflags::kNestedTask |/;/static_assert\(kFlagMask/d' \
    "SyscallEntry.StartsWithEveryDangerousFlagClear"
mutant register-left-in-first-frame process/program_image.cpp 's/frame\.rip = entry\.value;/& frame.rbx = entry.value;/' \
    "FirstEntry.FindsEveryGeneralRegisterZeroButRsp"
mutant debug-stays-on-ist cpu/exception_entry.S '/je      debug_from_user/d' \
    "DebugException.MovesToTheThreadsStackFromRing3"
mutant sysret-although-the-frame-changed cpu/syscall_entry.S '/cmpl    \$0, THREAD_RETURN_WORK/,/jne/d' \
    "SyscallReturn.RestoresTheWholeFrameWhenACallChangedIt"
mutant register-not-restored-before-sysretq cpu/syscall_entry.S '/mov     FRAME_R9/d' \
    "SyscallReturn.RestoresEveryRegisterButRaxRcxR11"
mutant sysret-to-a-non-canonical-address cpu/syscall_entry.S '/cmp     user_canonical_end/,/jae/d' \
    "KernelFault.OfTheReturnToRing3KillsTheProgramOnly"
mutant syscall-number-cut-to-32-bits trap/syscall_dispatch.cpp 's/const std::uint64_t number = frame.rax/const std::uint32_t number = frame.rax/' \
    "SyscallNumber.IsAllOfRaxAndIsComparedAsUnsigned"
mutant sysret-although-traced cpu/syscall_entry.S '/test    \$RFLAGS_TRAP_OR_RESUME/,/jnz/d' \
    "SyscallReturn.UsesIretWhenTheUserTraces"
mutant no-range-check-on-user-pointers cpu/user_copy.cpp 's/return begin <= layout::kUserEnd && .*/return true || begin.value < count;/' \
    "WriteCall.RefusesEveryAddressThatTheProgramCannotRead"
mutant no-fixup-for-user-copies cpu/user_copy.S '/\.quad   user_access, user_access_fixup/s/user_access,/user_access_fixup,/' \
    "WriteCall.RefusesEveryAddressThatTheProgramCannotRead"
mutant no-fixup-for-words-of-user-copies cpu/user_copy.S '/\.quad   user_access_words/d' \
    "WriteCall.CopiesEachByteThatCanBeReadAndNoOther"
mutant no-gs-fixup-for-iretq cpu/exception_entry.S '/^entered_from_kernel:/,/jmp     dispatch_event/{/    swapgs/d}' \
    "KernelFault.OfTheReturnToRing3KillsTheProgramOnly"
mutant double-fault-without-ist cpu/idt.cpp 's/case arch::Vector::DoubleFault: return .*/case arch::Vector::DoubleFault: return 0;/' \
    "KernelFault.OnAnOverflownStackIsADoubleFaultWithItsOwnStack"
mutant float-state-not-loaded cpu/user_state.cpp '/floats\.load\(\)/d' \
    "InitialState.IsCleanAlsoAfterAProgramThatLeftMarks"
mutant selectors-not-loaded cpu/user_state.cpp '/mov %0, %%es/d' \
    "InitialState.IsCleanAlsoAfterAProgramThatLeftMarks"
mutant no-swapgs-at-debug-entry cpu/exception_entry.S '/^debug_from_user:/,/lfence/{/    swapgs/d}' \
    "DebugException.MovesToTheThreadsStackFromRing3"
mutant user-bit-on-kernel-stacks mm/page_rights.h 's/(return \{frame, PageEntry::kPresent \|) whose/\1 PageEntry::kUser/' \
    "PageTables.HaveNoUserBitOnTheWayToAKernelPage"
mutant debug-events-not-read trap/exception_dispatch.cpp 's/\.dr6 = is_debug \? take_debug_events\(\) : 0/.dr6 = 0/' \
    "FaultInRing3.OfATracedInstructionIsSigtrap"
mutant float-flags-not-read trap/exception_dispatch.cpp 's/\.float_flags = float_flags\(report\.vector\)/.float_flags = 0/' \
    "FaultInRing3.OfAnUnmaskedX87DivisionIsSigfpe"
mutant alignment-checks-off cpu/asm_offsets_gen.cpp 's/arch::cr0::kAlignmentMask \|//' \
    "FaultInRing3.OfAMisalignedAccessWithAcIsSigbus"
mutant kernel-address-told-to-the-program trap/exception_dispatch.cpp 's/return return_to_user_faulted\(frame\) \? .*/return frame.rip;/' \
    "KernelFault.OfTheReturnToRing3KillsTheProgramOnly"
mutant nmi-leaves-the-kernels-gs cpu/exception_entry.S '/call    exception_dispatch/,/iretq/{/    wrmsr/d}' \
    "Through/EntrySweep.NoNmiIsSeenByRing3/SyscallAndSysret"
mutant nmi-trusts-the-interrupted-gs cpu/exception_entry.S '/mov     \$per_cpu, %rax/,/wrmsr/{/    wrmsr/d}' \
    "Through/EntrySweep.AnNmisHandlerHasTheKernelsGsAndAStackOfItsOwn/SyscallAndSysret"
mutant nmi-on-the-interrupted-stack cpu/idt.cpp 's/case arch::Vector::Nmi: return .*/case arch::Vector::Nmi: return 0;/' \
    "Through/EntrySweep.NoNmiIsSeenByRing3/SyscallAndSysret"
mutant debug-exception-at-iretq-kills-the-program trap/exception_dispatch.cpp 's/case Vector::SegmentNotPresent:/case Vector::Debug: &/' \
    "Through/EntrySweep.NoDebugExceptionInRing0IsSeenByRing3/SyscallAndIret"
mutant breakpoints-stay-on-in-ist-handlers cpu/exception_entry.S '/mov     %rax, %dr7/d' \
    "Through/EntrySweep.NoDebugExceptionInRing0IsSeenByRing3/FaultInAUserCopy"
mutant machine-checks-off cpu/cpu_features.cpp 's/cr4 \|= features\.machine_check .*//' \
    "Through/EntrySweep.AMachineCheckIsAnOrderlyPanicEverywhere/SyscallAndSysret"
mutant interrupts-on-in-system-calls cpu/syscall_entry.S 's/^    call    syscall_dispatch/    sti\n&/' \
    "Through/EntrySweep.NoTimerInterruptIsSeenByRing3/SyscallAndSysret"
mutant kernel-address-as-fs-base trap/arch_calls.cpp 's/if \(base >= layout::kUserEnd\)/if (base.value >> 47 == 1)/' \
    "ArchPrctl.RefusesEveryBaseOutsideUserSpace"
mutant gs-base-not-restored cpu/user_state.cpp '/write_msr\(arch::Msr::IA32_KERNEL_GS_BASE, gs_base\)/d' \
    "UserState.ComesBackAfterAnotherProgramHasRun"
mutant firmwares-breakpoints-kept cpu/cpu_features.cpp '/clear_debug_registers\(\)/d' \
    "FirmwaresRegisters.AreGoneInRing3"
mutant ports-open-to-ring3 cpu/gdt.cpp '/tss\.io_map_base =/d' "Tables.AllowNoPortInRing3"
mutant kernel-segments-open-to-ring3 cpu/gdt.cpp 's/SegmentDescriptor::data\(arch::Ring::Kernel\)/SegmentDescriptor::data(arch::Ring::User)/' \
    "Tables.HaveTwoDescriptorsForRing3AndNoLdt"
mutant smep-off cpu/cpu_features.cpp '/arch::cr4::kSmep/d' "KernelGuard.SmepStopsAJumpIntoTheProgram"
mutant smap-off cpu/cpu_features.cpp '/arch::cr4::kSmap/d' "KernelGuard.SmapStopsAnAccessToTheProgram"
mutant umip-off cpu/cpu_features.cpp '/kUserModeInstructionPrevention/d' \
    "UserGuard.UmipStopsInstructionsThatTellTheKernelsAddresses"
mutant performance-counters-open cpu/cpu_features.cpp 's/= arch::cr4::kPhysicalAddressExtension \|/& arch::cr4::kPerformanceCounterEnable |/' \
    "UserGuard.TimeStampsAreOpenAndPerformanceCountersClosed"
mutant boot-data-not-sealed main.cpp '/seal_kernel_data\(\);/d' "KernelGuard.SealStopsAWriteToWhatBootDecided"
mutant seal-forgets-the-physical-map mm/kernel_memory.cpp '/alias = without_write\(alias\)/d' \
    "KernelGuard.SealAlsoHoldsInThePhysicalMap"
mutant no-guard-below-static-stacks cpu/boot.S '/movl    \$0, PHYSICAL\(image_pts\)/d' \
    "KernelGuard.GuardPageLiesBelowEveryStaticStack"
mutant no-stack-protector CMakeLists.txt 's/-fstack-protector-strong/-fno-stack-protector/' \
    "KernelGuard.CanaryStopsAnOverwrittenStack"
mutant canary-never-chosen main.cpp '/choose_stack_canary\(\);/d' \
    "StackCanary.IsAnotherOneForEachSeedAndTheSameForOne"
mutant kernel-stays-mapped-where-it-was-linked mm/image_place.cpp 's/image_pd\[i\] = arch::PageEntry\{\};/static_cast<void>(i);/' \
    "KernelPlace.NothingIsLeftWhereTheKernelWasLinked"
mutant kernel-never-moves move_kernel.cpp 's/return distance;/return 0;/' \
    "KernelPlace.IsAnotherOneForEachSeedAndTheSameForOne"
mutant one-relocation-forgotten relocation_table_gen.cpp \
    's/std::ranges::sort\(words\);/&\n    if (!words.empty()) words.erase(words.begin() + static_cast<long>(words.size() * 5 \/ 8));/' \
    "KernelPlace.NoWordHoldsAnAddressOfTheFirstPlace"
mutant data-executable cpu/boot.S 's/mov     \$ENTRY_WRITABLE \| ENTRY_GLOBAL, %ebp/&\n    xor     %edx, %edx/' "KernelGuard.NoExecuteStopsAJumpIntoData"
mutant debug-exception-without-ist cpu/idt.cpp 's/case arch::Vector::Debug: return .*/case arch::Vector::Debug: return 0;/' \
    "HostileEntry.ABreakpointThatMovSsCarriesIntoTheKernelIsHarmless"
mutant gates-missing cpu/idt.cpp 's/vector < arch::kVectors; \+\+vector/vector < 128; ++vector/' \
    "HostileEntry.NoExternalVectorDoesAnything"
mutant stack-segment-left-null cpu/user_state.cpp '/mov %0, %%ss/d' \
    "UserState.HasAStackSegmentAlsoAfterAnInterruptOfAnotherProgram"
mutant kill-does-not-wake process/loom.cpp '/wake\(thread, WakeReason::Killed\)/d' \
    "Processes.DoWhatTheManualPagesSay"
mutant killed-thread-goes-on trap/return_work.cpp '/if \(thread\.killed\(\)\)/,/}/d' \
    "Processes.AreKilledWhileTheyComputeAndNeverCall"
mutant reaper-keeps-stacks process/loom.cpp '/kernel_stacks\.free\(thread/d' \
    "Processes.LeaveNoFrameBehind"
mutant reaper-keeps-memory process/ending.cpp '/vessel\.memory\.destroy/d' \
    "Processes.LeaveNoFrameBehind"
mutant wait-keeps-vessels process/ending.cpp '/    release\(vessel\)/d' \
    "Processes.LeaveNoFrameBehind"
mutant thread-pointer-not-given process/fork.cpp '/fs_base = request/d' \
    "Processes.DoWhatTheManualPagesSay"
mutant no-penalty process/loom.cpp 's/meter\.penalty\(now_\) : 0/meter.penalty(0) * 0 : 0/' \
    "Processes.ThatOnlyTakeArePenalisedAndDoNotStarve"
mutant unmap-without-invalidation mm/unmap_batch.h '/invalidate_page\(/d' \
    "Rules.AreKeptStrictlyWherePagesComeAndGo"
mutant writable-and-executable-for-programs mm/user_memory.cpp \
    's/return protection\.write && protection\.execute;/return protection.write \&\& !protection.write;/' \
    "MemoryCalls.LeaveEveryPageAsTheProgramExpects"
mutant frames-not-freed-with-their-pages mm/unmap_batch.h '/frames_\.free\(/d' \
    "MemoryCalls.GiveEveryFrameBack"
mutant memory-kept-when-fork-finds-no-thread process/fork.cpp '/if \(!created\) \{/,/release/{/child\.memory\.destroy/d}' \
    "AllocationFailure.LeavesNothingOfAFamilyBehind"
mutant memory-kept-when-a-program-cannot-start process/harbor.cpp '/if \(!loaded\) \{/,/release/{/vessel\.memory\.destroy/d}' \
    "AllocationFailure.LeavesNothingOfASimpleProgramBehind"
mutant frame-kept-when-a-thread-finds-no-stack process/loom.cpp '/if \(!stack\) \{/,/return/{/frame_allocator\.free/d}' \
    "AllocationFailure.LeavesNothingOfASimpleProgramBehind"
mutant slot-kept-when-a-stack-finds-no-frame mm/kernel_stacks.cpp '/if \(!frame\) \{/,/return/{/slots_\.give_back/d}' \
    "AllocationFailure.LeavesNothingOfASimpleProgramBehind"
mutant children-kept-when-their-parent-ends process/ending.cpp '/vessel\.zombies\.empty/,/^    \}/d' \
    "EndFromTheConsole.LeavesNothingBehindWhereverItComes"
mutant timer-switch-loses-float-state process/loom.cpp '/previous\.user\.save\(\);/d' \
    "Preemption.AtEachInstructionKeepsEveryRegister"
mutant x87-pointers-left-on-amd cpu/float_state.cpp 's/pointers_leak = features.*/pointers_leak = false;/' \
    "Preemption.ClearsTheX87PointersOnAmd"
mutant task-switched-set process/loom.cpp 's/next\.user\.load\(\);/&\n    asm volatile("mov %%cr0, %%rax; or $8, %%rax; mov %%rax, %%cr0" : : : "rax");/' \
    "Preemption.NeverSetsTaskSwitched"
mutant halt-behind-the-shadow cpu/registers.h 's/sti; *hlt/sti; nop; hlt/' "Idle.LosesNoWakeup"
mutant user-pages-global mm/page_rights.h 's/PageEntry::kPresent \| whose/& | (whose == PageEntry::kUser ? PageEntry::kGlobal : 0)/' \
    "PageTables.HoldNoGlobalPageForRing3"
mutant time-read-twice trap/time_calls.cpp 's/const auto time = TRY\(read_user<uapi::TimeSpec>\(span\)\);/static_cast<void>(TRY(read_user<uapi::TimeSpec>(span)));\n    &/' \
    "UserCopies.ReadNoByteTwice"
mutant pages-given-as-they-are mm/user_memory_fault.cpp '/memset\((frame|bytes), 0/d' "UserCopies.LeakNothingThatNobodyWrote"
mutant handler-finds-another-register process/signal_frame.cpp 's/frame\.rsp = place;/& frame.rbx = place;/' \
    "Rules.AreKeptStrictlyWhereSignalsComeAndCallsAreMadeAgain"
mutant call-made-again-with-another-argument process/signal_delivery.cpp 's/frame\.rip -= kSyscall.*/& frame.r8 ^= 1;/' \
    "Rules.AreKeptStrictlyWhereSignalsComeAndCallsAreMadeAgain"
