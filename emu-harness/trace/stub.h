// SPDX-License-Identifier: GPL-2.0-or-later
// Makes system calls from ring 3 in the place of a program: takes over the first thread of a process at its first
// instruction, which the kernel under test has loaded and entered as it always does, and leads it by its registers.
// Two instructions of that program's code are replaced; no page table is touched, and everything else is the kernel's.
#pragma once

#include "machine/machine.h"
#include "trace/recorder.h"
#include "watch/guest_watch.h"
#include "watch/symbols.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace ringcheck {

class Stub final : public GuestObserver {
public:
    /// Runs the machine until its instruction count is this, or something else ends the run.
    using Run = std::function<RunEnd(std::uint64_t)>;
    /// Instructions after which a call counts as never returning.
    static constexpr std::uint64_t kCallLimit = 20'000'000;

    /// @param recorder  of the process that is to be taken over; told of each event before the stub is
    Stub(Machine& machine, GuestMemory& memory, const Symbols& symbols, const Recorder& recorder, Run run);

    void on_transition(const Transition& transition) override;

    /// Runs until the process stands before its first instruction, and takes it over.  Fails with one line.
    std::expected<void, std::string> take_over(std::uint64_t limit);
    /// What the call left in the result's register; nullopt when the process has ended in it.  Fails with one line when
    /// it does not return.
    std::expected<std::optional<std::uint64_t>, std::string> call(std::uint64_t number,
                                                                  std::span<const std::uint64_t> arguments);
    enum class Access : std::uint8_t { Load, Store };
    /// The process reads a byte there, or writes a zero.  Fails with one line, and when the process ended of it.
    std::expected<void, std::string> access(std::uint64_t address, Access access);

    /// Of the process, where it waits for the next call.
    const model::CpuState& state() const { return state_; }
    /// How the machine ended when it did not come back to the stub.
    const std::optional<RunEnd>& end() const { return end_; }

private:
    std::expected<bool, std::string> run_from(std::uint64_t begin, model::CpuState state);
    std::optional<std::string> write_code();
    std::optional<std::string> send_away(model::CpuState state);
    bool is_ours(const model::CpuState& state) const;
    bool is_our_code(const model::CpuState& state) const;

    Machine& machine_;
    GuestMemory& memory_;
    const Symbols& symbols_;
    const Recorder& recorder_;
    Run run_;
    std::optional<std::uint64_t> entry_;
    std::uint64_t code_ = 0;
    model::CpuState state_;
    std::optional<RunEnd> end_;
};

} // namespace ringcheck
