// SPDX-License-Identifier: MIT
#include "cpu/float_state.h"

#include "arch/control_registers.h"
#include "arch/cpuid.h"
#include "base/assert.h"
#include "base/sealed.h"
#include "cpu/cpuid.h"
#include "cpu/registers.h"

namespace kernel {
namespace {

constexpr unsigned kControlWordOffset = 0, kStatusWordOffset = 2, kMxcsrOffset = 24, kMxcsrMaskOffset = 28;
/// Of CPUs that do not say which they have.  [SDM 1 "Guidelines for Writing to the MXCSR Register"]
constexpr std::uint32_t kOldestMxcsrMask = 0xffbf;
constexpr std::uint16_t kDefaultControlWord = 0x37f;
constexpr std::uint32_t kDefaultMxcsr = 0x1f80;

enum class Instructions : std::uint8_t { Fxsave, Xsave, Xsaveopt };

SEALED Instructions instructions = Instructions::Fxsave;
SEALED std::uint32_t components = 0; ///< XCR0's lower half: what XSAVE and XRSTOR are asked for
SEALED bool pointers_leak = false;
SEALED std::uint32_t known_mxcsr_bits = 0;

/// An x87 exception is pending in it, and the pointers to its instruction and operand are 0.
constexpr FloatState pending_exception()
{
    constexpr std::uint8_t kInvalidUnmasked = 0x7e, kInvalid = 0x81, kBusy = 0x80; // FCW 0x37e, FSW 0x8081
    FloatState state{};
    state.bytes[kControlWordOffset] = kInvalidUnmasked;
    state.bytes[kControlWordOffset + 1] = kDefaultControlWord >> 8;
    state.bytes[kStatusWordOffset] = kInvalid;
    state.bytes[kStatusWordOffset + 1] = kBusy;
    return state;
}

constexpr FloatState initial_state()
{
    FloatState state{};
    state.bytes[kControlWordOffset] = kDefaultControlWord & 0xff;
    state.bytes[kControlWordOffset + 1] = kDefaultControlWord >> 8;
    state.bytes[kMxcsrOffset] = kDefaultMxcsr & 0xff;
    state.bytes[kMxcsrOffset + 1] = kDefaultMxcsr >> 8;
    return state;
}

constexpr FloatState kInitial = initial_state();

/// AMD's restores leave the x87 pointers (FIP, FDP, FOP) of the previous program where they are, unless an exception is
/// pending in what they restore (CVE-2006-1056).  So something with a pending exception goes first; its zeros stay.
/// [APM 2 "FXSAVE and FXRSTOR Instructions"]
void clear_float_pointers()
{
    static constexpr FloatState kPending = pending_exception();
    asm volatile("fxrstor64 %0" : : "m"(kPending.bytes));
}

} // namespace

FloatState FloatState::initial()
{
    return kInitial;
}

void FloatState::load_initial()
{
    kInitial.load();
}

void FloatState::save()
{
    switch (instructions) {
    case Instructions::Fxsave: asm volatile("fxsave64 %0" : "+m"(bytes)); break;
    case Instructions::Xsave: asm volatile("xsave64 %0" : "+m"(bytes) : "a"(components), "d"(0)); break;
    case Instructions::Xsaveopt: asm volatile("xsaveopt64 %0" : "+m"(bytes) : "a"(components), "d"(0)); break;
    }
}

void FloatState::load() const
{
    if (pointers_leak) {
        clear_float_pointers();
    }
    if (instructions == Instructions::Fxsave) {
        asm volatile("fxrstor64 %0" : : "m"(bytes));
    } else {
        asm volatile("xrstor64 %0" : : "m"(bytes), "a"(components), "d"(0));
    }
}

std::uint32_t float_components()
{
    return components;
}

std::uint32_t mxcsr_mask()
{
    return known_mxcsr_bits;
}

void enable_float_state(const CpuFeatures& features)
{
    pointers_leak = features.float_pointers_leak;
    FloatState now{};
    asm volatile("fxsave64 %0" : "+m"(now.bytes));
    __builtin_memcpy(&known_mxcsr_bits, now.bytes + kMxcsrMaskOffset, sizeof known_mxcsr_bits);
    known_mxcsr_bits = known_mxcsr_bits != 0 ? known_mxcsr_bits : kOldestMxcsrMask;
    if (!features.xsave) {
        return;
    }
    components = arch::xcr0::kX87 | arch::xcr0::kSse | (features.avx ? arch::xcr0::kAvx : 0);
    write_cr4(read_cr4() | arch::cr4::kOsXsave);
    write_xcr0(components);
    ASSERT(cpuid(arch::cpuid::leaf::kExtendedState).ebx <= sizeof(FloatState));
    instructions = features.xsaveopt ? Instructions::Xsaveopt : Instructions::Xsave;
}

} // namespace kernel
