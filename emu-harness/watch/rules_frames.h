// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about what comes in pairs: an event and its IRET, an interrupt and its end, SWAPGS and SWAPGS.
// Only frames that the CPU pushed are followed; software may build others and return through them as it likes.
#pragma once

#include "watch/rule_report.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ringcheck {

class FrameRules {
public:
    explicit FrameRules(RuleReport& report) : report_(report) {}

    /// Every transition of the run, in order; RuleReport::at() names it already.
    void on_transition(const Transition& transition);
    /// As Observer has them.
    void on_interrupt_accepted(std::uint8_t vector, unsigned ends);
    void on_interrupt_ended(std::optional<std::uint8_t> vector);

private:
    /// A frame that an event pushed, by the address of its lowest word, RIP.
    struct Frame {
        std::uint64_t pushed_at = 0;                ///< instruction count
        std::optional<std::uint64_t> consumed_at;   ///< by an IRET
        std::uint64_t user_visits = 0;              ///< visits_ when it was consumed
        std::uint64_t gs_base = 0;                  ///< as the event found it
        std::uint64_t rip = 0, rflags = 0, rsp = 0; ///< what the IRET that consumed it took from it
        bool from_user = false;
    };
    /// An interrupt that a controller gave to the CPU and whose handler has not returned.
    struct Interrupt {
        std::uint8_t vector = 0;
        std::optional<unsigned> owed; ///< end-of-interrupt commands; empty: it came from no controller
        unsigned sent = 0;
        std::uint64_t frame = 0;
    };
    static constexpr std::size_t kMostFrames = 4096; ///< a guest that leaves more behind loses them all

    void pushed(const Transition& transition);
    void returned(const Transition& transition);
    void check_gs_bases(const Transition& transition);
    void interrupted(std::uint8_t vector, std::uint64_t frame);
    void handler_returned(std::uint64_t frame);

    RuleReport& report_;
    std::unordered_map<std::uint64_t, Frame> frames_;
    std::vector<Interrupt> interrupts_;           ///< innermost last
    std::optional<Interrupt> accepted_;           ///< given to the CPU and not delivered yet
    std::uint64_t visits_ = 0;                    ///< times that ring 3 was left
    std::uint64_t swaps_ = 0;                     ///< SWAPGS since then
    std::optional<std::uint64_t> kernel_gs_base_; ///< IA32_KERNEL_GS_BASE when ring 3 was left; empty before
};

} // namespace ringcheck
