// SPDX-License-Identifier: MIT
#include "apic.h"

#include "arch/msr.h"
#include "arch/pic8259.h"
#include "arch/pit8254.h"
#include "cpu/port_io.h"
#include "trap.h"

#include <initializer_list>

namespace conformance::apic {
namespace {

using arch::local_apic::Delivery;
using arch::local_apic::Register;
namespace pic = arch::pic8259;
namespace pit = arch::pit8254;
using kernel::in8;
using kernel::out8;

constexpr std::uint64_t address_of(Register which)
{
    return world::kLocalApic + static_cast<std::uint64_t>(which);
}

std::uint32_t read(std::uint64_t address)
{
    return *reinterpret_cast<volatile std::uint32_t*>(address);
}

void write(Register which, std::uint32_t value)
{
    *reinterpret_cast<volatile std::uint32_t*>(address_of(which)) = value;
}

/// The bit of `vector` in the registers that begin with `first`.
bool has(Register first, unsigned vector)
{
    const std::uint32_t word = read(address_of(first) + arch::local_apic::kRegisterStride * (vector / 32));
    return (word >> vector % 32 & 1) != 0;
}

/// A handler that ends its interrupt and goes on.
[[gnu::naked]] void end_and_return()
{
    asm("push %%rax\n movabs %0, %%rax\n movl $0, (%%rax)\n mov %1, %%al\n out %%al, %2\n pop %%rax\n iretq"
        :
        : "i"(world::kLocalApic + static_cast<std::uint64_t>(Register::EndOfInterrupt)), "i"(pic::kEndOfInterrupt),
          "i"(pic::kMasterCommand));
}

constexpr unsigned kNmi = 2, kVectors[] = {kNmi, kLow, kHigh, kTimerLine};

/// The IRETQ of an INT n lets in an NMI that waits.
void take_what_is_requested()
{
    for (const unsigned vector : kVectors) {
        world::idt[vector] = arch::IdtGate::interrupt(reinterpret_cast<std::uint64_t>(&end_and_return),
                                                      world::selector::kKernelCode, 0, arch::Ring::Kernel);
    }
    asm volatile("int %0\n sti\n nop\n nop\n nop\n nop\n cli" : : "i"(kLow) : "memory");
    for (const unsigned vector : kVectors) {
        world::idt[vector] =
            arch::IdtGate::interrupt(trap_stubs[vector], world::selector::kKernelCode, 0, arch::Ring::Kernel);
    }
}

/// Vectors 0x70..0x7f, the timer's line open, the others closed.
void initialise_8259()
{
    constexpr std::uint8_t kAllLines = 0xff, kAllButTheTimer = kAllLines & ~1u;
    out8(pic::kMasterCommand, pic::kIcw1Initialise | pic::kIcw1WithIcw4);
    out8(pic::kMasterData, kTimerLine);
    out8(pic::kMasterData, 1u << pic::kCascadeLine);
    out8(pic::kMasterData, pic::kIcw4Mode8086);
    out8(pic::kMasterData, kAllButTheTimer);
    out8(pic::kSlaveData, kAllLines);
}

void close_8259()
{
    out8(pic::kMasterData, 0xff);
}

} // namespace

void send(unsigned vector)
{
    write(Register::CommandLow, command(Delivery::Fixed, vector));
    while (!has(Register::Request, vector)) {
    }
}

void start_apic_timer(unsigned vector)
{
    write(Register::LvtTimer, vector);
    write(Register::InitialCount, 100);
    while (!has(Register::Request, vector)) {
    }
    write(Register::LvtTimer, arch::local_apic::lvt::kMasked | vector);
}

void start_8259_timer()
{
    initialise_8259();
    out8(pit::kControl, pit::kAccessLowHigh | pit::kModeOneShot);
    out8(pit::kChannel0, 100);
    out8(pit::kChannel0, 0);
    do {
        out8(pic::kMasterCommand, pic::kReadRequests);
    } while ((in8(pic::kMasterCommand) & 1) == 0);
}

void reset()
{
    constexpr std::uint32_t kSpuriousVector = 0xff;
    write(Register::SpuriousVector, arch::local_apic::spurious::kEnable | kSpuriousVector);
    write(Register::LvtLint0, static_cast<std::uint32_t>(arch::local_apic::lvt::kDelivery.put(
                                  static_cast<std::uint64_t>(Delivery::ExternalInterrupt))));
    asm volatile("mov %0, %%cr8" : : "r"(std::uint64_t{0}));
    write(Register::CommandHigh, 0);
    for (const unsigned vector : {kHigh, kLow}) {
        if (has(Register::InService, vector)) {
            write(Register::EndOfInterrupt, 0);
        }
    }
    take_what_is_requested();
    close_8259();
    out8(pic::kMasterCommand, pic::kEndOfInterrupt);
}

} // namespace conformance::apic
