// SPDX-License-Identifier: GPL-2.0-or-later
// Going back in a run: snapshots on the way, so that every earlier instruction is a short run away.
#pragma once

#include "machine/machine.h"
#include "machine/run_end.h"
#include "machine/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace ringcheck {

class Checkpoints {
public:
    static constexpr std::size_t kMost = 16;

    /// @param machine  outlives this
    /// @param spacing  instructions between two checkpoints, more than 0; when kMost are there, every other one goes
    /// and
    ///                 the spacing doubles
    explicit Checkpoints(Machine& machine, std::uint64_t spacing = 1 << 18) : machine_(machine), spacing_(spacing) {}

    /// As Machine::run(); a checkpoint takes some milliseconds.  Fails with one line when the host has no memory for
    /// it.
    std::expected<RunEnd, std::string> run(const RunLimits& limits = {});
    /// The machine is again what it was when it had retired `count` instructions, before anything that happened there.
    /// Observers are told once more of what lies between the checkpoint and there.  Checkpoints behind it are gone.
    /// Fails with one line: nothing is known of that count; the host refuses memory.
    std::expected<void, std::string> go_back_to(std::uint64_t count);

private:
    std::expected<void, std::string> keep();

    Machine& machine_;
    std::uint64_t spacing_;
    std::vector<Snapshot> kept_; ///< by instruction count
};

} // namespace ringcheck
