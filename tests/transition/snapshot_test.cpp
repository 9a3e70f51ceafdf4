// SPDX-License-Identifier: MIT
// Snapshots over whole boots: wherever a machine is put back to, from memory or from a file, by the same machine or by
// another, fast or step by step, what follows is what followed the first time.
#include "machine/snapshot_file.h"
#include "support/booted_kernel.h"
#include "support/cpu_state_matchers.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

const std::vector<std::string> kLines = {"run counter &", "run hello", "run read_kernel", "ps", "poweroff"};

/// What a run tells from some moment on, and where it leads.
struct Story {
    RunEnd end;
    std::vector<Transition> transitions;
    std::vector<std::byte> machine; ///< everything that the machine is at the end
};

/// But for the addresses that were executed last: fast mode keeps them only where they are asked for.
std::vector<std::byte> everything(Machine& machine)
{
    SnapshotFile file, all_the_same;
    machine.snapshot().value().save_to(file);
    for (const SnapshotSection& section : file.sections()) {
        if (section.name != "retired") {
            all_the_same.add(section.name, section.bytes);
        }
    }
    return all_the_same.encode();
}

Story run_on(support::BootedKernel& kernel)
{
    kernel.recorder.all.clear();
    const RunEnd end = kernel.run_to_end();
    return {end, kernel.recorder.all, everything(*kernel.machine)};
}

/// @param begin  the first of the original's transitions that comes after the snapshot
void expect_same(const Story& original, std::size_t begin, const Story& again)
{
    EXPECT_EQ(again.end.kind, original.end.kind);
    EXPECT_EQ(again.end.text, original.end.text);
    ASSERT_EQ(again.transitions.size(), original.transitions.size() - begin);
    for (std::size_t i = 0; i < again.transitions.size(); ++i) {
        const Transition &one = again.transitions[i], &other = original.transitions[begin + i];
        SCOPED_TRACE("transition " + std::to_string(begin + i));
        ASSERT_EQ(one.count, other.count);
        ASSERT_EQ(one.kind, other.kind);
        ASSERT_EQ(one.vector, other.vector);
        ASSERT_EQ(one.error_code, other.error_code);
        ASSERT_TRUE(same_state(one.before, other.before));
        ASSERT_TRUE(same_state(one.after, other.after));
    }
    EXPECT_TRUE(again.machine == original.machine) << "the machines differ at the end";
}

struct Moment {
    Snapshot snapshot;
    std::vector<std::byte> file;
    std::size_t transitions;
};

/// A whole boot, with snapshots at these parts of it.
struct Boot {
    explicit Boot(const MachineConfig& config) : kernel(kLines, config), original(run_on(kernel))
    {
        const std::uint64_t length = kernel.machine->instruction_count();
        support::BootedKernel twin(kLines, config);
        for (const double part : {0.0, 0.013, 0.4, 0.55, 0.7, 0.83, 0.9, 0.97}) {
            twin.machine->run({.instructions = static_cast<std::uint64_t>(part * static_cast<double>(length))});
            SnapshotFile file;
            Snapshot snapshot = twin.machine->snapshot().value();
            snapshot.save_to(file);
            moments.push_back({std::move(snapshot), file.encode(), twin.recorder.all.size()});
        }
        // Taking snapshots disturbs nothing.
        twin.run_to_end();
        EXPECT_TRUE(everything(*twin.machine) == original.machine);
        other_machine = std::move(twin.machine);
    }
    support::BootedKernel kernel;
    Story original;
    std::unique_ptr<Machine> other_machine; ///< that the snapshots are of
    std::vector<Moment> moments;
};

std::vector<MachineConfig> configurations()
{
    std::vector<MachineConfig> all;
    for (const model::Vendor vendor : {model::Vendor::Intel, model::Vendor::Amd}) {
        for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
            all.push_back({.ram_bytes = 16u << 20, .vendor = vendor, .mode = mode});
        }
    }
    return all;
}

// In an order in which each is put back after a run over what the others hold.
TEST(Snapshots, OfABootAreFollowedByWhatFollowed)
{
    for (const MachineConfig& config : configurations()) {
        Boot boot(config);
        ASSERT_EQ(boot.original.end.kind, EndKind::PowerOff) << boot.original.end.text;
        ASSERT_GT(boot.original.transitions.size(), 50u);
        support::TransitionRecorder recorder;
        boot.other_machine->set_observer(&recorder);
        for (const std::size_t index : {5u, 1u, 7u, 3u, 6u, 0u, 2u, 4u, 4u}) {
            SCOPED_TRACE("moment " + std::to_string(index));
            const Moment& moment = boot.moments[index];
            recorder.all.clear();
            ASSERT_TRUE(boot.other_machine->restore(moment.snapshot).has_value());
            const RunEnd end = boot.other_machine->run();
            expect_same(boot.original, moment.transitions, {end, recorder.all, everything(*boot.other_machine)});
        }
    }
}

TEST(Snapshots, FromAFileAreFollowedByWhatFollowedInBothModes)
{
    for (const MachineConfig& config : configurations()) {
        const Boot boot(config);
        for (const Moment& moment : boot.moments) {
            SCOPED_TRACE("after transition " + std::to_string(moment.transitions));
            MachineConfig other = config;
            other.mode = config.mode == ExecutionMode::Fast ? ExecutionMode::Step : ExecutionMode::Fast;
            support::BootedKernel kernel({}, other);
            const auto file = SnapshotFile::decode(moment.file);
            ASSERT_TRUE(file.has_value()) << file.error();
            const auto snapshot = Snapshot::load_from(*file);
            ASSERT_TRUE(snapshot.has_value()) << snapshot.error();
            ASSERT_TRUE(kernel.machine->restore(*snapshot).has_value());
            expect_same(boot.original, moment.transitions, run_on(kernel));
        }
    }
}

TEST(Snapshots, DamagedInAnyOfManyPlacesAreRefused)
{
    support::BootedKernel kernel({});
    kernel.machine->run({.instructions = 50'000});
    std::vector<std::byte> file = everything(*kernel.machine);
    ASSERT_GT(file.size(), 50'000u);
    constexpr std::size_t kHead = 4096, kStep = 1009;
    for (std::size_t at = 0; at < file.size(); at += at < kHead ? 1 : kStep) {
        file[at] ^= std::byte{0x40};
        ASSERT_FALSE(SnapshotFile::decode(file).has_value()) << at;
        file[at] ^= std::byte{0x40};
    }
    EXPECT_TRUE(SnapshotFile::decode(file).has_value());
}

} // namespace
