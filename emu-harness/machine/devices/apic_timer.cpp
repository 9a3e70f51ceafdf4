// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/apic_timer.h"

namespace ringcheck {

std::uint64_t ApicTimer::divisor() const
{
    const std::uint32_t code = (divide_configuration_ & 3) | (divide_configuration_ >> 1 & 4);
    return code == 7 ? 1 : std::uint64_t{2} << code;
}

void ApicTimer::set_mode(Mode mode)
{
    if ((mode == Mode::TscDeadline) != (mode_ == Mode::TscDeadline)) {
        deadline_.reset();
        initial_count_ = 0;
    }
    mode_ = mode;
}

void ApicTimer::set_divide(std::uint32_t configuration, std::uint64_t now)
{
    const std::uint32_t count = current_count(now);
    divide_configuration_ = configuration & 0b1011;
    if (mode_ != Mode::TscDeadline && deadline_) {
        deadline_ = now + count * divisor(); // what is left is counted at the new rate
    }
}

void ApicTimer::set_initial_count(std::uint32_t count, std::uint64_t now)
{
    if (mode_ == Mode::TscDeadline) {
        return;
    }
    initial_count_ = count;
    deadline_ = count == 0 ? std::nullopt : std::optional(now + period());
}

std::uint32_t ApicTimer::current_count(std::uint64_t now) const
{
    if (mode_ == Mode::TscDeadline || !deadline_ || *deadline_ <= now) {
        return 0;
    }
    return static_cast<std::uint32_t>((*deadline_ - now + divisor() - 1) / divisor());
}

void ApicTimer::set_tsc_deadline(std::uint64_t tsc)
{
    if (mode_ == Mode::TscDeadline) {
        deadline_ = tsc == 0 ? std::nullopt : std::optional(tsc);
    }
}

bool ApicTimer::advance(std::uint64_t now)
{
    if (!deadline_ || *deadline_ > now) {
        return false;
    }
    if (mode_ == Mode::Periodic && period() != 0) {
        *deadline_ += ((now - *deadline_) / period() + 1) * period();
    } else {
        deadline_.reset();
    }
    return true;
}

} // namespace ringcheck
