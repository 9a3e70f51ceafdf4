// SPDX-License-Identifier: GPL-2.0-or-later
// Events that somebody outside the machine wants at an exact instruction, beside those that devices raise.
#pragma once

#include "model/interrupt_window.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace ringcheck {

struct Injection {
    enum class Kind : std::uint8_t {
        Interrupt,    ///< maskable, as an 8259 raises it: no task priority holds it back, and it waits for RFLAGS.IF
        Nmi,          ///< a second one while one waits is lost
        MachineCheck, ///< #MC, with nothing in the machine-check MSRs
        Init,
        Startup,
    };
    Kind kind{};
    std::uint8_t vector = 0; ///< of an Interrupt
    constexpr bool operator==(const Injection&) const = default;
};

class InjectionQueue {
public:
    void add(std::uint64_t count, Injection injection) { future_.emplace(count, injection); }
    /// The instruction count at which the next one comes.
    std::optional<std::uint64_t> next_count() const
    {
        return future_.empty() ? std::nullopt : std::optional(future_.begin()->first);
    }
    /// Those that are due after `count` instructions wait from now on.
    void advance(std::uint64_t count)
    {
        while (!future_.empty() && future_.begin()->first <= count) [[unlikely]] {
            arrive(future_.begin()->second);
            future_.erase(future_.begin());
        }
    }

    bool interrupt_waits() const { return !interrupts_.empty(); }
    bool any_waits() const
    {
        return interrupt_waits() || waiting_.nmi || waiting_.machine_check || waiting_.init || waiting_.startup;
    }
    /// Adds what waits to `events`.
    void add_to(model::PendingEvents& events) const;
    /// The CPU takes it.
    void take(model::Taken taken);
    /// The vector of the interrupt that came first, which is then no longer waiting.
    std::uint8_t acknowledge();

private:
    void arrive(Injection injection);

    std::multimap<std::uint64_t, Injection> future_; ///< by instruction count, then in the order of add()
    model::PendingEvents waiting_;
    std::deque<std::uint8_t> interrupts_;
};

} // namespace ringcheck
