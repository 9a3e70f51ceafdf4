// SPDX-License-Identifier: MIT
// Fast mode against step mode over whole boots: every transition, every register on both sides of it, the console and
// the time.
#include "support/booted_kernel.h"
#include "support/cpu_state_matchers.h"
#include "watch/cpio_archive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace {

using namespace ringcheck;

constexpr std::uint64_t kToTheEnd = 60'000'000;

/// Programs that never end by themselves, wait for somebody who types, or take long.
constexpr std::string_view kLong[] = {"calculator",
                                      "canary",
                                      "cat",
                                      "crowd",
                                      "cycles",
                                      "editor",
                                      "exec_cycles",
                                      "fork_bomb",
                                      "jobs",
                                      "killer",
                                      "shell",
                                      "ringbench",
                                      "spinner",
                                      "thread_bomb",
                                      "L06_hostile_arguments",
                                      "P01_files",
                                      "P02_killed_while_blocked"};

struct Boot {
    explicit Boot(const std::vector<std::string>& lines, ExecutionMode mode, std::uint64_t limit)
        : kernel(lines, MachineConfig{.ram_bytes = 32u << 20, .mode = mode}),
          end(kernel.machine->run({.instructions = limit}))
    {
    }
    support::BootedKernel kernel;
    RunEnd end;
};

/// @param limit  instructions: at that count both stop, where the program does not end by itself
void expect_same_boots(const std::vector<std::string>& lines, std::uint64_t limit = kToTheEnd)
{
    Boot fast(lines, ExecutionMode::Fast, limit), step(lines, ExecutionMode::Step, limit);
    EXPECT_EQ(fast.end.kind, step.end.kind) << fast.end.text << " / " << step.end.text;
    EXPECT_EQ(step.end.kind, limit == kToTheEnd ? EndKind::PowerOff : EndKind::InstructionLimit) << step.end.text;
    EXPECT_EQ(fast.end.text, step.end.text);
    const auto &left = fast.kernel.recorder.all, &right = step.kernel.recorder.all;
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t i = 0; i < right.size(); ++i) {
        SCOPED_TRACE("transition " + std::to_string(i));
        ASSERT_EQ(left[i].count, right[i].count);
        ASSERT_EQ(left[i].kind, right[i].kind);
        ASSERT_EQ(left[i].vector, right[i].vector);
        ASSERT_EQ(left[i].error_code, right[i].error_code);
        ASSERT_TRUE(same_state(left[i].before, right[i].before));
        ASSERT_TRUE(same_state(left[i].after, right[i].after));
    }
    Machine &one = *fast.kernel.machine, &other = *step.kernel.machine;
    EXPECT_EQ(one.instruction_count(), other.instruction_count());
    EXPECT_EQ(one.now(), other.now());
    EXPECT_EQ(one.console(), other.console());
    EXPECT_TRUE(same_state(one.state(), other.state()));
    const std::uint64_t bytes = one.config().ram_bytes;
    const auto ram = [&](Machine& machine) { return machine.memory().at(arch::PhysAddr{0}, bytes); };
    EXPECT_EQ(std::memcmp(ram(one), ram(other), bytes), 0) << "RAM differs";
}

TEST(Mode, EachProgramRunsTheSameFastAndStepByStep)
{
    const auto archive = support::value_or_throw(
        CpioArchive::parse(support::read_file(support::path_from_environment("AETHEL_INITRD", AETHEL_DEFAULT_INITRD))));
    ASSERT_GE(archive.names().size(), 5u);
    for (const std::string& name : archive.names()) {
        SCOPED_TRACE(name);
        constexpr std::uint64_t kAWhile = 500'000;
        const bool is_long = std::ranges::find(kLong, name) != std::end(kLong);
        expect_same_boots({"run " + name, "poweroff"}, is_long ? kAWhile : kToTheEnd);
    }
}

TEST(Mode, ProgramsThatPreemptEachOtherRunTheSameFastAndStepByStep)
{
    expect_same_boots({"run counter &", "run counter &", "run counter", "ps", "run hello", "poweroff"});
}

} // namespace
