// SPDX-License-Identifier: MIT
#include "guests/apic/local_apic.h"

#include "guests/common/instructions.h"

#include <cpuid.h>

namespace {

constexpr std::uint32_t kApicBaseMsr = 0x1b, kFirstX2apicMsr = 0x800;
constexpr std::uint32_t kEndOfInterrupt = 0xb0, kSpuriousVector = 0xf0, kTimer = 0x320, kInitialCount = 0x380,
                        kDivide = 0x3e0;

bool x2apic;

void write_register(std::uint32_t offset, std::uint32_t value)
{
    if (x2apic) {
        write_msr(kFirstX2apicMsr + offset / 16, value);
    } else {
        *reinterpret_cast<volatile std::uint32_t*>(kApicPage + offset) = value;
    }
}

bool has_x2apic()
{
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __cpuid(1, eax, ebx, ecx, edx);
    return (ecx & 1u << 21) != 0;
}

} // namespace

void start_local_apic()
{
    constexpr std::uint64_t kEnable = 1 << 11, kExtend = 1 << 10;
    constexpr std::uint32_t kSoftwareEnable = 0x1ff, kPeriodic = 1 << 17, kBy16 = 3, kCount = 62'500; // at 1 GHz
    out8(0x21, 0xff);
    out8(0xa1, 0xff);
    x2apic = has_x2apic();
    write_msr(kApicBaseMsr, read_msr(kApicBaseMsr) | kEnable | (x2apic ? kExtend : 0));
    write_register(kSpuriousVector, kSoftwareEnable); // vector 255
    write_register(kDivide, kBy16);
    write_register(kTimer, kPeriodic | kTimerVector);
    write_register(kInitialCount, kCount);
}

void end_of_interrupt()
{
    write_register(kEndOfInterrupt, 0);
}
