// SPDX-License-Identifier: MIT
#include "process/fault_signal.h"

#include "arch/debug_registers.h"
#include "arch/exception.h"
#include "arch/float_flags.h"

namespace kernel {
namespace {

using uapi::Signal;
namespace code = uapi::signal_code;

enum class Address : std::uint8_t { None, Rip };

struct Row {
    Signal signal = Signal::Sigsegv;
    std::int32_t code = code::kKernel;
    Address address = Address::None;
};

/// The vectors whose signal depends on the vector alone, in Linux's words: `DEFINE_IDTENTRY(exc_...)` of traps.c.
/// Those that ring 3 cannot raise (NMI, #DF, #MC, reserved ones) or that need a feature which is off (#NM, #VE) keep
/// the row that Linux has for "the kernel says no more"; they never leave a program running.
constexpr Row row(unsigned vector)
{
    switch (static_cast<arch::Vector>(vector)) {
    case arch::Vector::DivideError: return {Signal::Sigfpe, code::fpe::kIntegerDivide, Address::Rip};
    case arch::Vector::Breakpoint: return {Signal::Sigtrap};
    case arch::Vector::InvalidOpcode: return {Signal::Sigill, code::ill::kIllegalOperand, Address::Rip};
    case arch::Vector::CoprocessorSegmentOverrun: return {Signal::Sigfpe};
    case arch::Vector::SegmentNotPresent:
    case arch::Vector::StackFault: return {Signal::Sigbus};
    case arch::Vector::AlignmentCheck: return {Signal::Sigbus, code::bus::kAlignment};
    case arch::Vector::ControlProtection: return {Signal::Sigsegv, code::segv::kControlProtection};
    default: return {}; // #OF, #BR, #TS, #GP
    }
}

/// Of several events the one that Linux names: a single step before a breakpoint register.  None of them is ICEBP.
std::int32_t debug_code(std::uint64_t dr6)
{
    if ((dr6 & arch::dr6::kSingleStep) != 0) {
        return code::trap::kTrace;
    }
    return arch::dr6::kBreakpoints.get(dr6) != 0 ? code::trap::kHardwareBreakpoint : code::trap::kBreakpoint;
}

/// In the order of fpu__exception_code.  A denormal operand counts as underflow.
std::int32_t float_code(std::uint32_t flags)
{
    using namespace arch::float_flags;
    if ((flags & kInvalid) != 0) {
        return code::fpe::kFloatInvalid;
    }
    if ((flags & kDivideByZero) != 0) {
        return code::fpe::kFloatDivide;
    }
    if ((flags & kOverflow) != 0) {
        return code::fpe::kFloatOverflow;
    }
    if ((flags & (kDenormal | kUnderflow)) != 0) {
        return code::fpe::kFloatUnderflow;
    }
    return (flags & kPrecision) != 0 ? code::fpe::kFloatInexact : code::kKernel;
}

} // namespace

uapi::SignalInfo signal_of_fault(const FaultFacts& facts)
{
    switch (static_cast<arch::Vector>(facts.vector)) {
    case arch::Vector::Debug: return {Signal::Sigtrap, debug_code(facts.dr6), facts.rip};
    case arch::Vector::PageFault:
        if (facts.behind_file) {
            return {Signal::Sigbus, code::bus::kAddress, facts.address};
        }
        return {Signal::Sigsegv, facts.mapped ? code::segv::kAccess : code::segv::kNotMapped, facts.address};
    case arch::Vector::X87FloatingPoint:
    case arch::Vector::SimdFloatingPoint: return {Signal::Sigfpe, float_code(facts.float_flags), facts.rip};
    default: break;
    }
    const Row known = row(facts.vector);
    return {known.signal, known.code, known.address == Address::Rip ? facts.rip : 0};
}

} // namespace kernel
