// SPDX-License-Identifier: MIT
// External interrupts: lines of the interrupt controller, and vectors that nothing is wired to.
#include "trap/interrupt_dispatch.h"

#include "arch/pic8259.h"
#include "arch/pit8254.h"
#include "arch/uart16550.h"
#include "device/interrupt_controller.h"
#include "fs/terminal.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {
namespace {

/// Lines 7 and 15 also appear when a request went away before it was acknowledged.  [8259A datasheet "Interrupt
/// Sequence"]
constexpr unsigned kSpuriousMaster = 7, kSpuriousSlave = 15;

bool is_spurious(unsigned line)
{
    return (line == kSpuriousMaster || line == kSpuriousSlave) && !interrupt_controller::in_service(line);
}

void handle_line(unsigned line)
{
    if (is_spurious(line)) {
        if (line == kSpuriousSlave) {
            interrupt_controller::end_spurious_slave();
        }
        return;
    }
    // Before the work: on the way back to ring 3 another thread may run, which never comes back here.
    interrupt_controller::end_of_interrupt(line);
    if (line == arch::pit8254::kIrq) {
        loom.tick();
        harbor.tick(loom.now());
        if (Terminal::has_more()) {
            terminal.receive();
        }
    } else if (line == arch::uart16550::kCom1Irq) {
        terminal.receive();
    }
}

} // namespace
} // namespace kernel

extern "C" void interrupt_dispatch(layout::TrapFrame& frame)
{
    const std::uint64_t line = frame.vector - kernel::interrupt_controller::kFirstVector;
    if (line < arch::pic8259::kLines) {
        kernel::handle_line(static_cast<unsigned>(line));
    }
    // Any other vector has no source in this machine: nobody to serve, nobody to send an EOI to.
}
