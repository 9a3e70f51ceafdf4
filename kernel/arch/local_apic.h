// SPDX-License-Identifier: MIT
// The local APIC: its registers by offset in the page at IA32_APIC_BASE, and their fields.  Offset 0x10 * n is MSR
// kX2ApicFirst + n in x2APIC mode.
// [SDM 3A "Advanced Programmable Interrupt Controller (APIC)"; APM 2 "Advanced Programmable Interrupt Controller"]
#pragma once

#include "arch/bits.h"

#include <cstdint>

namespace arch::local_apic {

inline constexpr std::uint64_t kDefaultBase = 0xfee0'0000;
inline constexpr std::uint32_t kPageBytes = 0x1000;

/// IA32_APIC_BASE.
namespace base {
inline constexpr std::uint64_t kBootProcessor = 1u << 8, kX2Apic = 1u << 10, kEnable = 1u << 11;
inline constexpr Bits kAddress = bits<51, 12>;
} // namespace base

enum class Register : std::uint32_t {
    Id = 0x20,
    Version = 0x30,
    TaskPriority = 0x80,
    ArbitrationPriority = 0x90,
    ProcessorPriority = 0xa0,
    EndOfInterrupt = 0xb0,
    RemoteRead = 0xc0,
    LogicalDestination = 0xd0,
    DestinationFormat = 0xe0,
    SpuriousVector = 0xf0,
    InService = 0x100,   ///< eight registers of 32 vectors, as the next two
    TriggerMode = 0x180, ///< 1: level
    Request = 0x200,
    ErrorStatus = 0x280,
    CommandLow = 0x300,
    CommandHigh = 0x310,
    LvtTimer = 0x320,
    LvtThermal = 0x330,
    LvtPerformance = 0x340,
    LvtLint0 = 0x350,
    LvtLint1 = 0x360,
    LvtError = 0x370,
    InitialCount = 0x380,
    CurrentCount = 0x390,
    DivideConfiguration = 0x3e0,
    SelfIpi = 0x3f0, ///< x2APIC mode alone
};
inline constexpr std::uint32_t kRegisterStride = 0x10;

/// x2APIC mode: MSRs of all registers, and the highest one.
inline constexpr std::uint32_t kX2ApicFirst = 0x800, kX2ApicLast = 0x8ff;
inline constexpr std::uint32_t kTscDeadline = 0x6e0; ///< IA32_TSC_DEADLINE

/// Spurious-interrupt vector register.
namespace spurious {
inline constexpr std::uint32_t kEnable = 1u << 8;
}

/// Local vector table entries; the interrupt command and an I/O APIC's redirection share vector and delivery mode.
namespace lvt {
inline constexpr Bits kVector = bits<7, 0>, kDelivery = bits<10, 8>, kTimerMode = bits<18, 17>;
inline constexpr std::uint32_t kMasked = 1u << 16;
} // namespace lvt
enum class Delivery : std::uint8_t {
    Fixed = 0,
    LowestPriority = 1,
    Smi = 2,
    Nmi = 4,
    Init = 5,
    StartUp = 6,
    ExternalInterrupt = 7
};
enum class TimerMode : std::uint8_t { OneShot = 0, Periodic = 1, TscDeadline = 2 };

/// Interrupt command register.
namespace command {
inline constexpr Bits kShorthand = bits<19, 18>;
inline constexpr std::uint32_t kLogical = 1u << 11, kAssert = 1u << 14, kLevel = 1u << 15;
inline constexpr unsigned kNoShorthand = 0, kSelf = 1, kAll = 2, kAllButSelf = 3;
} // namespace command

/// Error status register.
namespace error {
inline constexpr std::uint32_t kSendIllegalVector = 1u << 5, kReceivedIllegalVector = 1u << 6,
                               kIllegalRegister = 1u << 7;
}

/// Vectors below this are not for the APIC.
inline constexpr unsigned kFirstLegalVector = 16;

} // namespace arch::local_apic
