// SPDX-License-Identifier: MIT
// The protections that `wards` lists, and the test that proves each: it makes the protection act.
#pragma once

#include <cstdint>

namespace kernel {

enum class Ward : std::uint8_t {
    WriteProtect,
    NoExecute,
    Smep,
    Smap,
    Umip,
    Seal,
    GuardPages,
    StackCanary,
    FsGsBase,
    Counters,
    MachineCheck,
    FloatState,
    Random,
    AddressLayout,
    ImagePlace,
};

struct WardText {
    Ward ward;
    const char* name;
    const char* meaning;
    const char* test; ///< "Suite.Name" in tests/transition
};

inline constexpr WardText kWards[] = {
    {Ward::WriteProtect, "WP", "the kernel cannot write read-only pages",
     "KernelGuard.WriteProtectStopsAWriteToConstants"},
    {Ward::NoExecute, "NX", "data pages cannot be executed", "KernelGuard.NoExecuteStopsAJumpIntoData"},
    {Ward::Smep, "SMEP", "the kernel cannot execute user pages", "KernelGuard.SmepStopsAJumpIntoTheProgram"},
    {Ward::Smap, "SMAP", "the kernel cannot touch user pages by accident", "KernelGuard.SmapStopsAnAccessToTheProgram"},
    {Ward::Umip, "UMIP", "ring 3 cannot read the tables' addresses",
     "UserGuard.UmipStopsInstructionsThatTellTheKernelsAddresses"},
    {Ward::Seal, "SEAL", "nobody can write what boot decided", "KernelGuard.SealStopsAWriteToWhatBootDecided"},
    {Ward::GuardPages, "GUARD", "a stack that overflows ends in an unmapped page",
     "KernelGuard.GuardPageLiesBelowEveryStaticStack"},
    {Ward::StackCanary, "CANARY", "an overwritten stack is noticed before the return",
     "KernelGuard.CanaryStopsAnOverwrittenStack"},
    {Ward::FsGsBase, "BASES", "FS and GS base of ring 3 are addresses of ring 3",
     "ArchPrctl.RefusesEveryBaseOutsideUserSpace"},
    {Ward::Counters, "PMC", "ring 3 cannot read performance counters",
     "UserGuard.TimeStampsAreOpenAndPerformanceCountersClosed"},
    {Ward::MachineCheck, "MCE", "a machine check is a panic, not a shutdown",
     "EntrySweep.AMachineCheckIsAnOrderlyPanicEverywhere"},
    {Ward::FloatState, "XSAVE", "AVX registers are each program's own",
     "InitialState.IsCleanAlsoAfterAProgramThatLeftMarks"},
    {Ward::Random, "RANDOM", "random numbers begin with the CPU's own",
     "StackCanary.IsAnotherOneForEachSeedAndTheSameForOne"},
    {Ward::AddressLayout, "ASLR", "each program's memory is somewhere else",
     "AddressLayout.IsAnotherOneForEachSeedAndTheSameForOne"},
    {Ward::ImagePlace, "KASLR", "the kernel is somewhere else in each boot",
     "KernelPlace.NothingIsLeftWhereTheKernelWasLinked"},
};

} // namespace kernel
