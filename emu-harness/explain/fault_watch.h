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
            LastException, ///< the last exception of any ring
            AtCount        ///< everything that happens at instruction `count`
        };
        Kind kind = Kind::KernelFaults;
        std::uint64_t count = 0; ///< of AtCount
    };

    /// `explainer` and `processes` outlive the watch.
    FaultWatch(const Explainer& explainer, const Processes& processes) : explainer_(explainer), processes_(processes) {}

    void wish_for(Wish wish) { wish_ = wish; }
    /// First things first.
    const std::vector<Explanation>& explanations() const { return explanations_; }
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

    std::string program_of(std::uint64_t cr3) const;

    const Explainer& explainer_;
    const Processes& processes_;
    Wish wish_;
    History history_;
    std::optional<LastEvent> last_;
    std::optional<std::uint64_t> user_exception_;
    std::vector<Explanation> explanations_;
    std::vector<std::uint64_t> frames_; ///< KernelFaults: the address of RIP in each explanation's frame
    bool event_explained_ = false;      ///< the transition that follows is this event's
};

} // namespace ringcheck
