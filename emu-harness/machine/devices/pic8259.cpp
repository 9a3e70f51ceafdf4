// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/pic8259.h"

#include "arch/pic8259.h"

#include <fmt/format.h>

#include <bit>

namespace ringcheck {

namespace pic = arch::pic8259;

namespace {
/// OCW2, bits 7:5: the command.
constexpr std::uint8_t kRotate = 1 << 7, kSpecific = 1 << 6, kEnd = 1 << 5;
constexpr std::uint8_t kLineBits = 7;
/// ICW1 and OCW3 bits that select modes this model does not have.
constexpr std::uint8_t kIcw1LevelTriggered = 1 << 3, kIcw1Single = 1 << 1;
constexpr std::uint8_t kOcw3Poll = 1 << 2, kOcw3SpecialMask = 1 << 6, kOcw3ReadRegister = 1 << 1, kOcw3InService = 1;
} // namespace

void Pic8259::set_line(unsigned line, bool high)
{
    const auto bit = static_cast<std::uint8_t>(1u << line);
    const auto others = static_cast<std::uint8_t>(~bit);
    if (high) {
        requests_ |= static_cast<std::uint8_t>(bit & ~lines_);
        lines_ |= bit;
    } else {
        lines_ &= others;
        requests_ &= others;
    }
}

unsigned Pic8259::best_request() const
{
    const auto request = static_cast<unsigned>(std::countr_zero(static_cast<std::uint8_t>(requests_ & ~mask_)));
    const auto serving = static_cast<unsigned>(std::countr_zero(in_service_));
    return request < serving ? request : kNone;
}

unsigned Pic8259::acknowledge()
{
    const unsigned line = best_request();
    if (line == kNone) {
        return 7;
    }
    const auto bit = static_cast<std::uint8_t>(1u << line);
    requests_ &= static_cast<std::uint8_t>(~bit);
    if (!automatic_end_) {
        in_service_ |= bit;
    }
    return line;
}

void Pic8259::end_of_interrupt(std::uint8_t command)
{
    if ((command & kRotate) != 0 || (command & kEnd) == 0) {
        report_(fmt::format("PIC command {:#x} (rotation or priority)", command));
        return;
    }
    const auto lowest = static_cast<std::uint8_t>(in_service_ & -in_service_);
    const auto named = static_cast<std::uint8_t>(1u << (command & kLineBits));
    in_service_ &= static_cast<std::uint8_t>(~((command & kSpecific) != 0 ? named : lowest));
}

bool Pic8259::is_end_of_interrupt(std::uint8_t value)
{
    return (value & (pic::kIcw1Initialise | pic::kOcw3 | kRotate)) == 0 && (value & kEnd) != 0;
}

void Pic8259::write_command(std::uint8_t value)
{
    if ((value & pic::kIcw1Initialise) != 0) {
        if ((value & (kIcw1LevelTriggered | kIcw1Single)) != 0) {
            report_(fmt::format("PIC ICW1 {:#x} (level-triggered or single)", value));
        }
        // Edge sensing restarts too: a line that is high already makes no request until it has been low.
        requests_ = in_service_ = mask_ = 0;
        automatic_end_ = read_in_service_ = false;
        wants_icw4_ = (value & pic::kIcw1WithIcw4) != 0;
        expecting_ = Expecting::Icw2;
    } else if ((value & pic::kOcw3) != 0) {
        if ((value & (kOcw3Poll | kOcw3SpecialMask)) != 0) {
            report_(fmt::format("PIC OCW3 {:#x} (poll or special mask)", value));
        }
        if ((value & kOcw3ReadRegister) != 0) {
            read_in_service_ = (value & kOcw3InService) != 0;
        }
    } else {
        end_of_interrupt(value);
    }
}

void Pic8259::write_data(std::uint8_t value)
{
    switch (expecting_) {
    case Expecting::Operation: mask_ = value; return;
    case Expecting::Icw2:
        vector_base_ = value & static_cast<std::uint8_t>(~kLineBits);
        expecting_ = Expecting::Icw3;
        return;
    case Expecting::Icw3: // the wiring is a PC's whatever ICW3 says
        expecting_ = wants_icw4_ ? Expecting::Icw4 : Expecting::Operation;
        return;
    case Expecting::Icw4:
        automatic_end_ = (value & pic::kIcw4AutoEndOfInterrupt) != 0;
        expecting_ = Expecting::Operation;
        return;
    }
}

void PicPair::set_line(unsigned line, bool high)
{
    if (line < pic::kLinesEach) {
        master_.set_line(line, high);
    } else {
        slave_.set_line(line - pic::kLinesEach, high);
        update_cascade();
    }
}

void PicPair::update_cascade()
{
    master_.set_line(pic::kCascadeLine, slave_.requests());
}

std::uint8_t PicPair::acknowledge()
{
    const std::uint8_t master_before = master_.in_service(), slave_before = slave_.in_service();
    const unsigned line = master_.acknowledge();
    ends_owed_ = master_.in_service() != master_before ? 1 : 0;
    if (line != pic::kCascadeLine) {
        return static_cast<std::uint8_t>(master_.vector_base() + line);
    }
    const unsigned slave_line = slave_.acknowledge();
    ends_owed_ += slave_.in_service() != slave_before ? 1 : 0;
    slave_vector_ = static_cast<std::uint8_t>(slave_.vector_base() + slave_line);
    // The slave drops its INT output during INTA and raises it again for the next request: a new edge.
    master_.set_line(pic::kCascadeLine, false);
    update_cascade();
    return slave_vector_;
}

std::uint8_t PicPair::read(std::uint16_t port)
{
    switch (port) {
    case pic::kMasterCommand: return master_.read_command();
    case pic::kMasterData: return master_.read_data();
    case pic::kSlaveCommand: return slave_.read_command();
    default: return slave_.read_data();
    }
}

void PicPair::write_command(Pic8259& chip, std::uint8_t value)
{
    const bool end = Pic8259::is_end_of_interrupt(value);
    const std::uint8_t before = chip.in_service();
    chip.write_command(value);
    if (!end || !ended_) {
        return;
    }
    const auto ended = static_cast<std::uint8_t>(before ^ chip.in_service());
    if (ended == 0) {
        ended_(std::nullopt);
        return;
    }
    const auto line = static_cast<unsigned>(std::countr_zero(ended));
    const bool cascade = &chip == &master_ && line == pic::kCascadeLine;
    ended_(cascade ? slave_vector_ : static_cast<std::uint8_t>(chip.vector_base() + line));
}

void PicPair::write(std::uint16_t port, std::uint8_t value)
{
    switch (port) {
    case pic::kMasterCommand: write_command(master_, value); return;
    case pic::kMasterData: master_.write_data(value); return;
    case pic::kSlaveCommand: write_command(slave_, value); break;
    default: slave_.write_data(value); break;
    }
    update_cascade();
}

} // namespace ringcheck
