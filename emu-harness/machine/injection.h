// SPDX-License-Identifier: GPL-2.0-or-later
// Events that somebody outside the machine wants at an exact instruction, beside those that devices raise.
#pragma once

#include "model/interrupt_window.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <tuple>

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
    void add(std::uint64_t count, Injection injection)
    {
        const auto behind = std::ranges::upper_bound(future_, count, {}, &Due::count);
        future_.insert(behind, {count, injection});
    }
    /// The instruction count at which the next one comes.
    std::optional<std::uint64_t> next_count() const
    {
        return future_.empty() ? std::nullopt : std::optional(future_.front().count);
    }
    /// Those that are due after `count` instructions wait from now on.
    void advance(std::uint64_t count)
    {
        while (!future_.empty() && future_.front().count <= count) [[unlikely]] {
            arrive(future_.front().injection);
            future_.pop_front();
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

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        auto& waiting = self.waiting_;
        return std::tie(self.future_, waiting.machine_check, waiting.init, waiting.startup, waiting.nmi,
                        self.interrupts_);
    }
    bool possible() const
    {
        return std::ranges::is_sorted(future_, {}, &Due::count) && std::ranges::all_of(future_, [](const Due& due) {
                   return due.injection.kind <= Injection::Kind::Startup;
               });
    }

private:
    struct Due {
        std::uint64_t count = 0;
        Injection injection;
        auto saved_fields(this auto& self) { return std::tie(self.count, self.injection.kind, self.injection.vector); }
    };
    void arrive(Injection injection);

    std::deque<Due> future_; ///< by instruction count, then in the order of add()
    model::PendingEvents waiting_;
    std::deque<std::uint8_t> interrupts_;
};

} // namespace ringcheck
