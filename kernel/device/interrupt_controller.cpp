// SPDX-License-Identifier: MIT
#include "device/interrupt_controller.h"

#include "arch/pic8259.h"
#include "cpu/port_io.h"

namespace kernel::interrupt_controller {

namespace pic = arch::pic8259;

namespace {

constexpr bool on_slave(unsigned line)
{
    return line >= pic::kLinesEach;
}

constexpr std::uint8_t line_bit(unsigned line)
{
    return static_cast<std::uint8_t>(1u << line % pic::kLinesEach);
}

void initialise_one(std::uint16_t command, std::uint16_t data, unsigned first_vector, std::uint8_t wiring)
{
    out8(command, pic::kIcw1Initialise | pic::kIcw1WithIcw4);
    out8(data, static_cast<std::uint8_t>(first_vector)); // ICW2
    out8(data, wiring);                                  // ICW3
    out8(data, pic::kIcw4Mode8086);                      // ICW4
    out8(data, 0xff);                                    // OCW1: all masked
}

} // namespace

void initialise()
{
    initialise_one(pic::kMasterCommand, pic::kMasterData, kFirstVector, line_bit(pic::kCascadeLine));
    initialise_one(pic::kSlaveCommand, pic::kSlaveData, kFirstVector + pic::kLinesEach, pic::kCascadeLine);
}

void unmask(unsigned line)
{
    const std::uint16_t data = on_slave(line) ? pic::kSlaveData : pic::kMasterData;
    out8(data, in8(data) & static_cast<std::uint8_t>(~line_bit(line)));
    if (on_slave(line)) {
        unmask(pic::kCascadeLine);
    }
}

bool in_service(unsigned line)
{
    const std::uint16_t command = on_slave(line) ? pic::kSlaveCommand : pic::kMasterCommand;
    out8(command, pic::kReadInService);
    return (in8(command) & line_bit(line)) != 0;
}

void end_of_interrupt(unsigned line)
{
    if (on_slave(line)) {
        out8(pic::kSlaveCommand, pic::kEndOfInterrupt);
    }
    out8(pic::kMasterCommand, pic::kEndOfInterrupt);
}

void end_spurious_slave()
{
    out8(pic::kMasterCommand, pic::kEndOfInterrupt);
}

} // namespace kernel::interrupt_controller
