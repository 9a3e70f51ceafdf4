// SPDX-License-Identifier: MIT
// Runs every scenario; the log ends with their number.  The last act is a triple fault, for who runs the machine to
// see.
#include "arch/exit_ports.h"
#include "arch/pic8259.h"
#include "arch/pvh.h"
#include "base/assert.h"
#include "cpu/port_io.h"
#include "cpu/registers.h"
#include "families.h"
#include "log.h"
#include "scenario.h"
#include "world.h"

namespace conformance {
namespace {

/// The end of a run that failed: QEMU and ringcheck by isa-debug-exit, Bochs by the word that its port 0x8900 waits
/// for.
[[noreturn]] void switch_off()
{
    constexpr std::uint8_t kPassed = 0x10;
    constexpr std::uint16_t kBochsShutdown = 0x8900;
    kernel::out8(arch::exit_ports::kDebugExit, kPassed);
    for (const char character : base::StringView("Shutdown")) {
        kernel::out8(kBochsShutdown, static_cast<std::uint8_t>(character));
    }
    kernel::halt_for_ever();
}

/// An exception, the #GP that its delivery meets beyond the IDT, and the #DF that fares no better: the CPU shuts down.
/// [SDM 3A "Interrupt 8—Double Fault Exception (#DF)"]
void shut_down()
{
    world::reset();
    world::load_idt(0);
    asm volatile("ud2");
}

/// No interrupt comes: a scenario that sets IF must not meet the timer.
void mask_interrupts()
{
    constexpr std::uint8_t kAll = 0xff;
    kernel::out8(arch::pic8259::kMasterData, kAll);
    kernel::out8(arch::pic8259::kSlaveData, kAll);
}

/// The command line of a PVH start; "" after a Multiboot2 start, whose information begins with its size.
base::StringView command_line(const arch::pvh::StartInfo& info)
{
    return info.magic == arch::pvh::kStartMagic && info.command_line != 0
               ? base::StringView(reinterpret_cast<const char*>(info.command_line))
               : base::StringView();
}

} // namespace
} // namespace conformance

namespace base {

void assertion_failed(const char* expression, const char* file, unsigned line)
{
    print(conformance::console(), "assertion failed: ", expression, " at ", file, ':', line, '\n');
    conformance::switch_off();
}

} // namespace base

extern "C" void conformance_main(const arch::pvh::StartInfo& info)
{
    using namespace conformance;
    mask_interrupts();
    leave_out(command_line(info));
    initialise_console();
    world::initialise();
    base::print(console(), "conformance begins\n");
    run_exceptions();
    run_interrupts();
    run_iret();
    run_syscalls();
    run_stacks();
    run_paging();
    run_registers();
    run_privileged();
    run_segments();
    run_far_transfers();
    run_ring_changes();
    run_features();
    run_debugging();
    run_external_interrupts();
    run_nmis();
    const unsigned accesses = run_permissions();
    base::print(console(), "conformance ends: ", scenario_count(), " scenarios, ", accesses, " accesses\n");
    shut_down();
}
