// SPDX-License-Identifier: MIT
// One guest in fast and in step mode: nothing that can be seen from outside may tell which it was.
#pragma once

#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace support {

inline ringcheck::MachineConfig in_mode(ringcheck::ExecutionMode mode)
{
    return {.ram_bytes = 8u << 20, .mode = mode};
}

inline void expect_same_logs(const EventLog& fast, const EventLog& step)
{
    ASSERT_EQ(fast.transitions.size(), step.transitions.size());
    for (std::size_t i = 0; i < step.transitions.size(); ++i) {
        SCOPED_TRACE("transition " + std::to_string(i));
        const ringcheck::Transition &left = fast.transitions[i], &right = step.transitions[i];
        ASSERT_EQ(left.count, right.count);
        ASSERT_EQ(left.kind, right.kind);
        ASSERT_EQ(left.vector, right.vector);
        ASSERT_EQ(left.error_code, right.error_code);
        ASSERT_TRUE(same_state(left.before, right.before));
        ASSERT_TRUE(same_state(left.after, right.after));
    }
    EXPECT_EQ(fast.addresses, step.addresses);
    EXPECT_EQ(fast.unmodelled, step.unmodelled);
}

inline void expect_same_machines(ringcheck::Machine& fast, ringcheck::Machine& step)
{
    ASSERT_EQ(fast.instruction_count(), step.instruction_count());
    ASSERT_EQ(fast.now(), step.now());
    ASSERT_TRUE(same_state(fast.state(), step.state()));
    EXPECT_EQ(fast.debug_console(), step.debug_console());
    const auto bytes = [](ringcheck::Machine& machine) {
        return machine.memory().at(arch::PhysAddr{0}, MachineGuest::Guest::kRamBytes);
    };
    EXPECT_TRUE(std::equal(bytes(fast), bytes(fast) + MachineGuest::Guest::kRamBytes, bytes(step))) << "RAM differs";
}

/// The same guest in both modes, side by side.
struct ModePair {
    MachineGuest fast{in_mode(ringcheck::ExecutionMode::Fast)}, step{in_mode(ringcheck::ExecutionMode::Step)};

    template <typename SetUp> explicit ModePair(SetUp set_up)
    {
        for (MachineGuest* guest : {&fast, &step}) {
            guest->load(set_up(*guest));
        }
    }
    /// Does the same to both.
    template <typename Do> void both(Do act)
    {
        act(fast);
        act(step);
    }
    void run_to(std::uint64_t instructions)
    {
        const ringcheck::RunEnd left = fast.machine->run({.instructions = instructions});
        const ringcheck::RunEnd right = step.machine->run({.instructions = instructions});
        ASSERT_EQ(left.kind, right.kind) << left.text << " / " << right.text;
        EXPECT_EQ(left.text, right.text);
        expect_same_machines(*fast.machine, *step.machine);
    }
    void expect_same_logs() { support::expect_same_logs(fast.log, step.log); }
};

} // namespace support
