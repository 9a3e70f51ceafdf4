// SPDX-License-Identifier: MIT
// Property: each exception of ring 3 becomes the signal, code and address that Linux x86-64 gives it.  The expected
// numbers are those of this machine's C library.  Source: [Linux arch/x86/kernel/traps.c, arch/x86/mm/fault.c,
// arch/x86/kernel/fpu/core.c; sigaction(2)].
#include "arch/debug_registers.h"
#include "arch/exception.h"
#include "arch/float_flags.h"
#include "process/fault_signal.h"

#include <gtest/gtest.h>

#include <csignal>
#include <ostream>
#include <string>

namespace uapi {

void PrintTo(const SignalInfo& info, std::ostream* out)
{
    *out << signal_name(static_cast<std::uint64_t>(info.number)) << " code " << info.code << " address " << std::hex
         << info.address;
}

} // namespace uapi

namespace {

namespace code = uapi::signal_code;

constexpr std::uint64_t kRip = 0x40'1234, kCr2 = 0x7fff'0000'5678;

constexpr uapi::SignalInfo expected(int signal, int si_code, std::uint64_t address = 0)
{
    return {static_cast<uapi::Signal>(signal), si_code, address};
}

uapi::SignalInfo signal_of(unsigned vector, bool mapped = false, std::uint64_t dr6 = 0, std::uint32_t flags = 0)
{
    return kernel::signal_of_fault({.vector = vector,
                                    .rip = kRip,
                                    .address = kCr2,
                                    .mapped = mapped,
                                    .behind_file = false,
                                    .dr6 = dr6,
                                    .float_flags = flags});
}

TEST(FaultSignal, OfEachVectorIsThatOfLinux)
{
    const uapi::SignalInfo kOfVector[arch::kExceptionVectors] = {
        expected(SIGFPE, FPE_INTDIV, kRip),   // #DE
        expected(SIGTRAP, TRAP_BRKPT, kRip),  // #DB of ICEBP, which leaves no event in DR6
        expected(SIGSEGV, SI_KERNEL),         // NMI: never a program's
        expected(SIGTRAP, SI_KERNEL),         // #BP
        expected(SIGSEGV, SI_KERNEL),         // #OF
        expected(SIGSEGV, SI_KERNEL),         // #BR
        expected(SIGILL, ILL_ILLOPN, kRip),   // #UD
        expected(SIGSEGV, SI_KERNEL),         // #NM: CR0.TS and EM are never set
        expected(SIGSEGV, SI_KERNEL),         // #DF: never a program's
        expected(SIGFPE, SI_KERNEL),          // coprocessor segment overrun
        expected(SIGSEGV, SI_KERNEL),         // #TS
        expected(SIGBUS, SI_KERNEL),          // #NP
        expected(SIGBUS, SI_KERNEL),          // #SS
        expected(SIGSEGV, SI_KERNEL),         // #GP
        expected(SIGSEGV, SEGV_MAPERR, kCr2), // #PF
        expected(SIGSEGV, SI_KERNEL),         // reserved
        expected(SIGFPE, SI_KERNEL, kRip),    // #MF with no exception left
        expected(SIGBUS, BUS_ADRALN),         // #AC
        expected(SIGSEGV, SI_KERNEL),         // #MC: never a program's
        expected(SIGFPE, SI_KERNEL, kRip),    // #XM with no exception left
        expected(SIGSEGV, SI_KERNEL),         // #VE: off
        expected(SIGSEGV, code::segv::kControlProtection),
        // 22..31: reserved, or of features that are off
        expected(SIGSEGV, SI_KERNEL), expected(SIGSEGV, SI_KERNEL), expected(SIGSEGV, SI_KERNEL),
        expected(SIGSEGV, SI_KERNEL), expected(SIGSEGV, SI_KERNEL), expected(SIGSEGV, SI_KERNEL),
        expected(SIGSEGV, SI_KERNEL), expected(SIGSEGV, SI_KERNEL), expected(SIGSEGV, SI_KERNEL),
        expected(SIGSEGV, SI_KERNEL)};
    for (unsigned vector = 0; vector < arch::kExceptionVectors; ++vector) {
        EXPECT_EQ(signal_of(vector), kOfVector[vector]) << "vector " << vector;
    }
}

TEST(FaultSignal, OfAPageFaultBehindAFileIsABusError)
{
    const kernel::FaultFacts facts{.vector = static_cast<unsigned>(arch::Vector::PageFault),
                                   .rip = kRip,
                                   .address = kCr2,
                                   .mapped = false,
                                   .behind_file = true,
                                   .dr6 = 0,
                                   .float_flags = 0};
    EXPECT_EQ(kernel::signal_of_fault(facts), expected(SIGBUS, BUS_ADRERR, kCr2));
}

TEST(FaultSignal, OfAPageFaultSaysWhetherSomethingIsMapped)
{
    const auto page_fault = static_cast<unsigned>(arch::Vector::PageFault);
    EXPECT_EQ(signal_of(page_fault, false), expected(SIGSEGV, SEGV_MAPERR, kCr2));
    EXPECT_EQ(signal_of(page_fault, true), expected(SIGSEGV, SEGV_ACCERR, kCr2));
}

TEST(FaultSignal, OfADebugExceptionNamesTheStepBeforeTheBreakpoint)
{
    const auto of = [](std::uint64_t dr6) {
        return signal_of(static_cast<unsigned>(arch::Vector::Debug), false, arch::dr6::kAlwaysOne | dr6);
    };
    EXPECT_EQ(of(arch::dr6::kSingleStep), expected(SIGTRAP, TRAP_TRACE, kRip));
    EXPECT_EQ(of(arch::dr6::kSingleStep | 1), expected(SIGTRAP, TRAP_TRACE, kRip));
    for (unsigned n = 0; n < 4; ++n) {
        EXPECT_EQ(of(std::uint64_t{1} << n), expected(SIGTRAP, TRAP_HWBKPT, kRip));
    }
    EXPECT_EQ(of(0), expected(SIGTRAP, TRAP_BRKPT, kRip));
}

/// All 64 sets of flags, for both units: the first of the manual's order that is there decides.
TEST(FaultSignal, OfAFloatingPointExceptionNamesTheFirstOfLinuxesOrder)
{
    for (const arch::Vector vector : {arch::Vector::X87FloatingPoint, arch::Vector::SimdFloatingPoint}) {
        for (std::uint32_t flags = 0; flags <= arch::float_flags::kAll; ++flags) {
            int si_code = SI_KERNEL;
            si_code = (flags & 0x20) != 0 ? FPE_FLTRES : si_code;
            si_code = (flags & 0x12) != 0 ? FPE_FLTUND : si_code;
            si_code = (flags & 0x08) != 0 ? FPE_FLTOVF : si_code;
            si_code = (flags & 0x04) != 0 ? FPE_FLTDIV : si_code;
            si_code = (flags & 0x01) != 0 ? FPE_FLTINV : si_code;
            EXPECT_EQ(signal_of(static_cast<unsigned>(vector), false, 0, flags), expected(SIGFPE, si_code, kRip))
                << "flags " << flags;
        }
    }
}

TEST(SignalCodes, HaveTheNamesOfTheManualPage)
{
    using uapi::Signal;
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigsegv, SEGV_MAPERR), "SEGV_MAPERR");
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigsegv, SEGV_ACCERR), "SEGV_ACCERR");
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigbus, BUS_ADRALN), "BUS_ADRALN");
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigfpe, FPE_INTDIV), "FPE_INTDIV");
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigtrap, TRAP_TRACE), "TRAP_TRACE");
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigill, ILL_ILLOPN), "ILL_ILLOPN");
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigill, SI_KERNEL), "SI_KERNEL");
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigill, SEGV_ACCERR), "ILL_ILLOPN"); // 2 means what the signal says
    EXPECT_STREQ(uapi::signal_code_name(Signal::Sigkill, 1), "");
}

} // namespace
