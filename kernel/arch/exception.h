// SPDX-License-Identifier: MIT
// Exception vectors 0..31: number, mnemonic, class, error code.  [SDM 3A "Exception and Interrupt Reference"]
#pragma once

#include <cstdint>

namespace arch {

enum class Vector : std::uint8_t {
    DivideError = 0,
    Debug = 1,
    Nmi = 2,
    Breakpoint = 3,
    Overflow = 4,
    BoundRange = 5,
    InvalidOpcode = 6,
    DeviceNotAvailable = 7,
    DoubleFault = 8,
    CoprocessorSegmentOverrun = 9,
    InvalidTss = 10,
    SegmentNotPresent = 11,
    StackFault = 12,
    GeneralProtection = 13,
    PageFault = 14,
    X87FloatingPoint = 16,
    AlignmentCheck = 17,
    MachineCheck = 18,
    SimdFloatingPoint = 19,
    Virtualization = 20,
    ControlProtection = 21,
};

inline constexpr unsigned kExceptionVectors = 32;
inline constexpr unsigned kVectors = 256;

/// The manual's mnemonic, "#PF" for 14; "" for a vector that has none (reserved, or 32 and above).
constexpr const char* mnemonic(unsigned vector)
{
    constexpr const char* kNames[kExceptionVectors] = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "", "#TS", "#NP", "#SS", "#GP", "#PF", "",
        "#MF", "#AC", "#MC", "#XM", "#VE", "#CP", "",    "",    "",    "", "",    "",    "",    "",    "",    ""};
    return vector < kExceptionVectors ? kNames[vector] : "";
}

/// True when the CPU pushes an error code for this exception (never for INT n or an external interrupt).
/// [SDM 3A "Error Code"; the Error Code column of "Protected-Mode Exceptions and Interrupts"]
constexpr bool pushes_error_code(unsigned vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21;
}

/// How a second exception combines with a first one into #DF.  [SDM 3A "Interrupt 8—Double Fault Exception (#DF)"]
enum class ExceptionClass : std::uint8_t { Benign, Contributory, PageFault };

constexpr ExceptionClass exception_class(unsigned vector)
{
    switch (vector) {
    case 0:
    case 10:
    case 11:
    case 12:
    case 13:
    case 21: return ExceptionClass::Contributory;
    case 14:
    case 20: return ExceptionClass::PageFault;
    default: return ExceptionClass::Benign;
    }
}

/// Where the pushed RIP points: at the instruction (fault), behind it (trap), anywhere (abort).  #DB is a fault for an
/// instruction breakpoint and for general detect, a trap otherwise.
/// [SDM 3A "Exception Classifications"; the Type column of "Protected-Mode Exceptions and Interrupts"]
enum class ExceptionKind : std::uint8_t { Fault, Trap, FaultOrTrap, Abort, None };

constexpr ExceptionKind exception_kind(unsigned vector)
{
    switch (vector) {
    case 1: return ExceptionKind::FaultOrTrap;
    case 3:
    case 4: return ExceptionKind::Trap;
    case 8:
    case 18: return ExceptionKind::Abort;
    case 0:
    case 5:
    case 6:
    case 7:
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
    case 16:
    case 17:
    case 19:
    case 20:
    case 21: return ExceptionKind::Fault;
    default: return ExceptionKind::None;
    }
}

/// Error codes that name a selector or a gate.  [SDM 3A "Error Code"]
namespace selector_error {
inline constexpr std::uint32_t kExternal = 1u << 0; ///< an event outside the program was being delivered
inline constexpr std::uint32_t kIdt = 1u << 1;      ///< the index names an IDT gate
inline constexpr std::uint32_t kLdt = 1u << 2;
} // namespace selector_error

} // namespace arch
