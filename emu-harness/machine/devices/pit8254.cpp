// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/pit8254.h"

#include "arch/pit8254.h"

#include <fmt/format.h>

namespace ringcheck {

namespace pit = arch::pit8254;

namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr unsigned kModeOneShot = 0, kModeRate = 2, kModeSquareWave = 3;
/// Status byte: OUT, and "the count written last is not in use yet".
constexpr std::uint8_t kStatusOutput = 1 << 7, kStatusNullCount = 1 << 6;
/// Read-back command: what is left alone (active low), and the counters meant.
constexpr std::uint8_t kReadBackNoCount = 1 << 5, kReadBackNoStatus = 1 << 4;

using Wide = unsigned __int128;

/// The first nanosecond at which `tick` ticks have passed.
std::uint64_t nanoseconds_of(std::uint64_t tick)
{
    return static_cast<std::uint64_t>((Wide{tick} * kNanosecondsPerSecond + pit::kClockHz - 1) / pit::kClockHz);
}

} // namespace

void PitCounter::program(std::uint8_t control, std::uint64_t)
{
    control_ = control & 0x3f;
    access_ = static_cast<Access>(control >> 4 & 3);
    const unsigned mode = control >> 1 & 7;
    mode_ = mode >= 6 ? mode - 4 : mode; // the top bit of modes 2 and 3 is a don't-care
    start_.reset();
    high_byte_next_write_ = high_byte_next_read_ = false;
    latched_count_.reset();
    latched_status_.reset();
}

void PitCounter::write(std::uint8_t value, std::uint64_t tick)
{
    if (access_ == Access::LowHigh && !high_byte_next_write_) {
        low_written_ = value;
        high_byte_next_write_ = true;
        return;
    }
    const bool high = access_ == Access::High || high_byte_next_write_;
    const std::uint8_t low = access_ == Access::LowHigh ? low_written_ : std::uint8_t{0};
    reload_ = static_cast<std::uint16_t>(high ? value << 8 | low : value);
    high_byte_next_write_ = false;
    start_ = tick + 1; // the count is loaded by the first clock pulse after the write
}

std::uint16_t PitCounter::count(std::uint64_t tick) const
{
    if (!start_ || tick < *start_) {
        return reload_;
    }
    const std::uint64_t passed = tick - *start_;
    if (mode_ == kModeOneShot) {
        return static_cast<std::uint16_t>(reload_ - passed); // goes on counting past zero
    }
    if (mode_ == kModeSquareWave) {
        return static_cast<std::uint16_t>((period() - 2 * passed % period()) & ~std::uint64_t{1});
    }
    return static_cast<std::uint16_t>(period() - passed % period());
}

bool PitCounter::output(std::uint64_t tick) const
{
    if (!start_ || tick < *start_) {
        return mode_ != kModeOneShot;
    }
    const std::uint64_t passed = tick - *start_;
    switch (mode_) {
    case kModeOneShot: return passed >= period();
    case kModeSquareWave: return passed % period() < (period() + 1) / 2;
    default: return passed % period() != period() - 1;
    }
}

std::optional<std::uint64_t> PitCounter::next_rise(std::uint64_t tick) const
{
    if (!start_) {
        return std::nullopt;
    }
    const std::uint64_t first = *start_ + period();
    if (tick < first) {
        return first;
    }
    if (mode_ == kModeOneShot) {
        return std::nullopt;
    }
    return first + ((tick - first) / period() + 1) * period();
}

void PitCounter::latch_count(std::uint64_t tick)
{
    if (!latched_count_) {
        latched_count_ = count(tick);
    }
}

void PitCounter::latch_status(std::uint64_t tick)
{
    if (!latched_status_) {
        const bool loaded = start_ && tick >= *start_;
        latched_status_ =
            static_cast<std::uint8_t>((output(tick) ? kStatusOutput : 0) | (loaded ? 0 : kStatusNullCount) | control_);
    }
}

std::uint8_t PitCounter::read(std::uint64_t tick)
{
    if (latched_status_) {
        const std::uint8_t status = *latched_status_;
        latched_status_.reset();
        return status;
    }
    const std::uint16_t value = latched_count_.value_or(count(tick));
    const bool high = access_ == Access::High || (access_ == Access::LowHigh && high_byte_next_read_);
    if (access_ == Access::LowHigh) {
        high_byte_next_read_ = !high_byte_next_read_;
    }
    if (!high_byte_next_read_) {
        latched_count_.reset();
    }
    return static_cast<std::uint8_t>(high ? value >> 8 : value);
}

Pit8254::Pit8254(std::function<std::uint64_t()> now, std::function<void()> interrupt, ReportUnmodelled report)
    : now_(std::move(now)), interrupt_(std::move(interrupt)), report_(std::move(report))
{
}

std::uint64_t Pit8254::tick() const
{
    return static_cast<std::uint64_t>(Wide{now_()} * pit::kClockHz / kNanosecondsPerSecond);
}

void Pit8254::advance()
{
    const std::uint64_t present = tick();
    while (next_rise_ && *next_rise_ <= present) {
        interrupt_();
        next_rise_ = counters_[0].next_rise(*next_rise_);
    }
}

bool Pit8254::possible() const
{
    return !next_rise_ || *next_rise_ >= tick() || tick() - *next_rise_ < pit::kClockHz;
}

std::optional<std::uint64_t> Pit8254::next_event() const
{
    return next_rise_ ? std::optional(nanoseconds_of(*next_rise_)) : std::nullopt;
}

std::uint8_t Pit8254::read(std::uint16_t port)
{
    if (port == pit::kControl) {
        report_("PIT control port read"); // write-only
        return 0xff;
    }
    return counters_[port - pit::kChannel0].read(tick());
}

void Pit8254::read_back(std::uint8_t command)
{
    for (unsigned index = 0; index < 3; ++index) {
        if ((command >> (index + 1) & 1) == 0) {
            continue;
        }
        if ((command & kReadBackNoCount) == 0) {
            counters_[index].latch_count(tick());
        }
        if ((command & kReadBackNoStatus) == 0) {
            counters_[index].latch_status(tick());
        }
    }
}

void Pit8254::write(std::uint16_t port, std::uint8_t value)
{
    if (port != pit::kControl) {
        counters_[port - pit::kChannel0].write(value, tick());
    } else if (const unsigned index = value >> 6; index == 3) {
        read_back(value);
    } else if ((value >> 4 & 3) == 0) {
        counters_[index].latch_count(tick());
    } else {
        counters_[index].program(value, tick());
        const unsigned mode = counters_[index].mode();
        if ((value & 1) != 0 || (mode != kModeOneShot && mode != kModeRate && mode != kModeSquareWave)) {
            report_(fmt::format("PIT control word {:#x} (mode {}{})", value, mode, (value & 1) != 0 ? ", BCD" : ""));
        }
    }
    next_rise_ = counters_[0].next_rise(tick());
}

} // namespace ringcheck
