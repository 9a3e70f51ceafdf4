// SPDX-License-Identifier: GPL-2.0-or-later
// What a rule is.  The list of them all is rules_list.h.
#pragma once

#include <cstdint>
#include <span>

namespace ringcheck {

/// What it costs to look.
enum class RuleCost : std::uint8_t {
    Always, ///< at crossings, events and landmarks: part of every run
    Strict, ///< before each instruction: only when asked for, ten times slower and more
};

struct Rule {
    const char* id; ///< never changes its meaning; a rule that goes away takes its id with it
    const char* statement;
    const char* citation;
    const char* needs; ///< of the guest's description, by the names of GuestDescription's fields; "" when nothing
    const char* next;  ///< where to look when it is violated
    RuleCost cost = RuleCost::Always;
};

/// "always" or "strict".
const char* to_string(RuleCost cost);

/// All rules, in the order of their list.
std::span<const Rule* const> all_rules();

} // namespace ringcheck
