// SPDX-License-Identifier: GPL-2.0-or-later
// A guest that has booted once, to its first prompt, from where many runs go on: each is to the instruction the run
// that it would be if it had booted by itself.
#pragma once

#include "cli/guest_files.h"
#include "cli/guest_options.h"
#include "machine/machine.h"
#include "watch/guest_watch.h"

#include <expected>
#include <memory>
#include <string>

namespace ringcheck::cli {

class BootPoint {
public:
    /// nullptr: the guest has no prompt, or does not come to it, or breaks a rule before it; each run shows that
    /// itself.
    /// @param strict  check the rules that look at each instruction, too
    static std::unique_ptr<BootPoint> boot(const GuestFiles& files, const GuestOptions& options, bool strict);

    /// A machine that shows the prompt, and what is known of it; one that was given back before, or a new one.
    std::expected<std::unique_ptr<Machine>, std::string> take(GuestKnowledge& known);
    void give_back(std::unique_ptr<Machine> machine) { idle_ = std::move(machine); }

private:
    BootPoint(std::unique_ptr<Machine> machine, Snapshot snapshot, GuestKnowledge known, SharedBytes initrd);

    Snapshot snapshot_;
    GuestKnowledge known_; ///< of the guest then
    SharedBytes initrd_;
    MachineConfig config_;
    std::unique_ptr<Machine> idle_;
};

} // namespace ringcheck::cli
