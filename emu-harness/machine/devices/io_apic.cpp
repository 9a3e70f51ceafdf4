// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/io_apic.h"

#include <fmt/format.h>

namespace ringcheck {

namespace io = arch::io_apic;

namespace {
/// Version 11h, and the number of the last redirection entry.
constexpr std::uint32_t kVersion = (io::kLines - 1) << 16 | 0x11;
constexpr std::uint32_t kIdBits = 0x0f00'0000;
/// What can be written of an entry's halves: not delivery status and remote IRR.
constexpr std::uint32_t kLowWritable = 0x0001'afff, kHighWritable = 0xff00'0000;
} // namespace

void IoApic::send(unsigned line)
{
    const std::uint64_t entry = redirection_[line];
    const ApicMessage message{static_cast<arch::local_apic::Delivery>(arch::local_apic::lvt::kDelivery.get(entry)),
                              static_cast<std::uint8_t>(arch::local_apic::lvt::kVector.get(entry)),
                              (entry & io::kLevel) != 0};
    send_(static_cast<std::uint8_t>(io::kDestination.get(entry >> 32)), (entry & io::kLogical) != 0, message);
}

void IoApic::look_at_level(unsigned line)
{
    std::uint64_t& entry = redirection_[line];
    const bool waits = (entry & io::kLevel) != 0 && (entry & (io::kMasked | io::kRemoteIrr)) == 0;
    if (waits && asserted_[line]) {
        entry |= io::kRemoteIrr;
        send(line);
    }
}

void IoApic::set_line(unsigned line, bool asserted)
{
    const bool rises = asserted && !asserted_[line];
    asserted_[line] = asserted;
    if ((redirection_[line] & io::kLevel) != 0) {
        look_at_level(line);
    } else if (rises && (redirection_[line] & io::kMasked) == 0) { // a masked edge is lost
        send(line);
    }
}

void IoApic::end_of_interrupt(std::uint8_t vector)
{
    for (unsigned line = 0; line < io::kLines; ++line) {
        std::uint64_t& entry = redirection_[line];
        if ((entry & io::kLevel) != 0 && arch::local_apic::lvt::kVector.get(entry) == vector) {
            entry &= ~std::uint64_t{io::kRemoteIrr};
            look_at_level(line);
        }
    }
}

std::uint32_t IoApic::read_register() const
{
    const std::uint32_t line = (index_ - io::kRedirection) / 2;
    if (index_ >= io::kRedirection && line < io::kLines) {
        return static_cast<std::uint32_t>(redirection_[line] >> (index_ % 2 * 32));
    }
    return index_ == io::kVersion ? kVersion : index_ == io::kId || index_ == io::kArbitration ? id_ : 0;
}

void IoApic::write_register(std::uint32_t value)
{
    const std::uint32_t line = (index_ - io::kRedirection) / 2;
    if (index_ == io::kId) {
        id_ = value & kIdBits;
    }
    if (index_ < io::kRedirection || line >= io::kLines) {
        return;
    }
    std::uint64_t& entry = redirection_[line];
    constexpr unsigned kHalf = 32;
    if (index_ % 2 != 0) {
        entry = (entry & ~std::uint32_t{0}) | std::uint64_t{value & kHighWritable} << kHalf;
        return;
    }
    entry = entry >> kHalf << kHalf | (entry & io::kRemoteIrr) | (value & kLowWritable);
    if ((entry & io::kLevel) == 0) {
        entry &= ~std::uint64_t{io::kRemoteIrr};
    }
    look_at_level(line);
}

std::uint64_t IoApic::read(std::uint32_t offset, unsigned bytes)
{
    if (offset == io::kIndex) {
        return index_;
    }
    if (offset == io::kWindow && bytes == 4) {
        return read_register();
    }
    report_(fmt::format("I/O APIC read of {} bytes at {:#x}", bytes, offset));
    return 0;
}

void IoApic::write(std::uint32_t offset, unsigned bytes, std::uint64_t value)
{
    if (offset == io::kIndex) {
        index_ = static_cast<std::uint8_t>(value);
    } else if (offset == io::kWindow && bytes == 4) {
        write_register(static_cast<std::uint32_t>(value));
    } else {
        report_(fmt::format("I/O APIC write of {} bytes at {:#x}", bytes, offset));
    }
}

} // namespace ringcheck
