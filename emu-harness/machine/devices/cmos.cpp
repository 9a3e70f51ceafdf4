// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/cmos.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {

namespace {

/// Monday, 1 January 2024, 12:00:00.
constexpr struct {
    std::uint8_t index, value;
} kRegisters[] = {
    {0x00, 0x00}, // seconds
    {0x02, 0x00}, // minutes
    {0x04, 0x12}, // hours
    {0x06, 0x02}, // day of the week, Sunday is 1
    {0x07, 0x01}, // day
    {0x08, 0x01}, // month
    {0x09, 0x24}, // year
    {0x0d, 0x80}, // status D: the battery is good
    {0x32, 0x20}, // century
};
constexpr std::uint8_t kStatusA = 0x0a, kStatusB = 0x0b, kStatusC = 0x0c;
/// No update in progress, the usual divider and rate; 24-hour mode, BCD, no interrupts.
constexpr std::uint8_t kStatusAAtFirst = 0x26, kStatusBAtFirst = 0x02;
constexpr std::uint8_t kRate = 0x0f, kUpdateInProgress = 0x80;
/// In status B an enable bit, in status C a flag.
constexpr std::uint8_t kPeriodic = 1 << 6, kAlarm = 1 << 5, kUpdateEnded = 1 << 4, kAnyFlag = 1 << 7;

constexpr std::uint8_t kIndexBits = 0x7f; ///< bit 7 of the index port masks NMI, of which nothing here raises one
constexpr std::uint64_t kTicksPerSecond = 32768, kNanosecondsPerSecond = 1'000'000'000;

using Wide = unsigned __int128;

std::uint64_t ticks_at(std::uint64_t nanoseconds)
{
    return static_cast<std::uint64_t>(Wide{nanoseconds} * kTicksPerSecond / kNanosecondsPerSecond);
}

/// The first nanosecond at which `ticks` ticks have passed.
std::uint64_t nanoseconds_of(std::uint64_t ticks)
{
    return static_cast<std::uint64_t>((Wide{ticks} * kNanosecondsPerSecond + kTicksPerSecond - 1) / kTicksPerSecond);
}

} // namespace

Cmos::Cmos(std::function<std::uint64_t()> now, std::function<void(bool)> set_line, ReportUnmodelled report)
    : now_(std::move(now)), set_line_(std::move(set_line)), report_(std::move(report)), status_a_(kStatusAAtFirst),
      status_b_(kStatusBAtFirst)
{
}

std::uint64_t Cmos::period() const
{
    const unsigned rate = status_a_ & kRate;
    // The two fastest rates of this divider are the same as two of the slower ones.
    return rate == 0 ? 0 : std::uint64_t{1} << (rate <= 2 ? rate + 6 : rate - 1);
}

void Cmos::update_line()
{
    const bool interrupts = (status_c_ & status_b_ & (kPeriodic | kUpdateEnded)) != 0;
    status_c_ = static_cast<std::uint8_t>((status_c_ & ~kAnyFlag) | (interrupts ? kAnyFlag : 0));
    set_line_(interrupts);
}

void Cmos::advance()
{
    const std::uint64_t present = ticks_at(now_());
    const auto passed = [&](std::uint64_t distance) { return distance != 0 && present / distance != seen_ / distance; };
    const auto flags =
        static_cast<std::uint8_t>((passed(period()) ? kPeriodic : 0) | (passed(kTicksPerSecond) ? kUpdateEnded : 0));
    seen_ = present;
    if ((flags & ~status_c_) != 0) {
        status_c_ |= flags;
        update_line();
    }
}

std::optional<std::uint64_t> Cmos::next_event() const
{
    std::optional<std::uint64_t> next;
    const auto consider = [&](std::uint8_t source, std::uint64_t distance) {
        if (distance != 0 && (status_b_ & ~status_c_ & source) != 0) {
            const std::uint64_t at = nanoseconds_of((seen_ / distance + 1) * distance);
            next = next ? std::min(*next, at) : at;
        }
    };
    consider(kPeriodic, period());
    consider(kUpdateEnded, kTicksPerSecond);
    return next;
}

std::uint8_t Cmos::read(std::uint16_t port)
{
    if (port == kIndexPort) {
        return 0xff; // write-only
    }
    switch (index_) {
    case kStatusA: return status_a_;
    case kStatusB: return status_b_;
    case kStatusC: {
        advance();
        const std::uint8_t value = status_c_;
        status_c_ = 0; // and with it the line
        update_line();
        return value;
    }
    default: break;
    }
    const auto* const found =
        std::ranges::find_if(kRegisters, [this](const auto& entry) { return entry.index == index_; });
    return found == std::end(kRegisters) ? std::uint8_t{0} : found->value;
}

void Cmos::write(std::uint16_t port, std::uint8_t value)
{
    if (port == kIndexPort) {
        index_ = value & kIndexBits;
        return;
    }
    advance();
    if (index_ == kStatusA) {
        status_a_ = value & static_cast<std::uint8_t>(~kUpdateInProgress);
    } else if (index_ == kStatusB) {
        status_b_ = value;
        if ((value & kAlarm) != 0) {
            report_("the alarm of the CMOS clock");
        }
        update_line();
    }
    // The date cannot be set.
}

} // namespace ringcheck
