// SPDX-License-Identifier: GPL-2.0-or-later
// The local APIC's timer.  It counts a 1 GHz clock, which is the machine's nanosecond and, as CPUID leaf 15h says, the
// crystal of its TSC.  [SDM 3A "APIC Timer"]
#pragma once

#include "arch/local_apic.h"

#include <cstdint>
#include <optional>
#include <tuple>

namespace ringcheck {

class ApicTimer {
public:
    using Mode = arch::local_apic::TimerMode;

    /// To and from TSC-deadline mode, the timer is disarmed.
    void set_mode(Mode mode);
    /// Divide configuration register, bits 3, 1 and 0.
    void set_divide(std::uint32_t configuration, std::uint64_t now);
    std::uint32_t divide_configuration() const { return divide_configuration_; }
    /// 0 stops it.  Ignored in TSC-deadline mode.
    void set_initial_count(std::uint32_t count, std::uint64_t now);
    std::uint32_t initial_count() const { return initial_count_; }
    std::uint32_t current_count(std::uint64_t now) const;
    /// 0 disarms it.  Ignored in other modes.
    void set_tsc_deadline(std::uint64_t tsc);
    std::uint64_t tsc_deadline() const { return mode_ == Mode::TscDeadline ? deadline_.value_or(0) : 0; }

    /// When, in nanoseconds, it next expires.
    std::optional<std::uint64_t> deadline() const { return deadline_; }
    /// Lets it expire as often as it has by `now`: @return whether it has at all
    bool advance(std::uint64_t now);

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.mode_, self.divide_configuration_, self.initial_count_, self.deadline_);
    }

private:
    std::uint64_t divisor() const;
    std::uint64_t period() const { return initial_count_ * divisor(); }

    Mode mode_ = Mode::OneShot;
    std::uint32_t divide_configuration_ = 0, initial_count_ = 0;
    std::optional<std::uint64_t> deadline_; ///< nullopt: not running
};

} // namespace ringcheck
