// SPDX-License-Identifier: GPL-2.0-or-later
// Explains events as they come, and keeps the explanations that were asked for.
#pragma once

#include "explain/explainer.h"
#include "watch/guest_watch.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ringcheck {

class FaultWatch final : public GuestObserver {
public:
    /// What is explained as it happens; the event that brings the CPU down can be explained in any case.
    struct Wish {
        enum class Kind : std::uint8_t {
            KernelFaults,  ///< exceptions in ring 0 that have not been returned from
            LastException, ///< of any ring: the last that ended a process, or else the last
            AtCount        ///< everything that happens at instruction `count`
        };
        Kind kind = Kind::KernelFaults;
        std::uint64_t count = 0; ///< of AtCount
    };

    /// `explainer` and `processes` outlive the watch.
    FaultWatch(const Explainer& explainer, const Processes& processes) : explainer_(explainer), processes_(processes) {}

    void wish_for(Wish wish) { wish_ = wish; }
    /// First things first.
    std::vector<Explanation> explanations() const;
    /// LastException: the kernel went on behind each exception, and ended no process because of one.
    bool all_served() const { return !fatal_ && frames_.empty() && !event_explained_; }
    /// The count of an exception in ring 3 after which the kernel neither went back to ring 3 nor ended the process: it
    /// may have given up because of it.
    std::optional<std::uint64_t> open_user_exception() const { return user_exception_; }
    /// The event that ended a run by shutdown; asked when the run has ended so.
    std::optional<Explanation> shutdown() const;

    void on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event) override;
    void on_transition(const Transition& transition) override;
    void on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state) override;

private:
    struct LastEvent {
        std::uint64_t count = 0;
        model::CpuState before;
        model::Event event;
    };
    static constexpr std::size_t kMostKept = 8; ///< of a kernel that never returns from its faults

    /// The exception explained last, again.
    bool repeats(const model::CpuState& before, const model::Event& event) const;

    const Explainer& explainer_;
    const Processes& processes_;
    Wish wish_;
    History history_;
    std::optional<LastEvent> last_;
    std::optional<LastEvent> explained_; ///< KernelFaults: what the last of `explanations_` explains
    std::optional<std::uint64_t> user_exception_;
    std::vector<Explanation> explanations_;
    std::optional<Explanation> of_user_; ///< LastException: of `user_exception_`
    std::optional<Explanation> fatal_;   ///< LastException: of the last one that ended a process
    std::vector<std::uint64_t>
        frames_;                   ///< the address of RIP in the frame of each of `explanations_`, until it is popped
    bool event_explained_ = false; ///< the transition that follows is this event's
};

} // namespace ringcheck
