// SPDX-License-Identifier: GPL-2.0-or-later
// Collects transitions and process exits of one run, as much of each as the table shows.
// Invariant: rows stand in guest order; a row costs about 260 bytes, so a long run with kMaximumRows of them fits.
#pragma once

#include "watch/guest_watch.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

/// The part of the CPU's state that a table row shows.
struct RowSide {
    std::uint8_t cpl = 0;
    std::uint64_t rip = 0, rsp = 0, cr3 = 0, gs_base = 0;
    bool operator==(const RowSide&) const = default;
};

struct LogRow {
    std::uint64_t count = 0;
    std::optional<TransitionKind> kind; ///< empty: a process ended here
    std::optional<std::uint8_t> vector;
    std::optional<std::uint32_t> error_code;
    std::optional<std::uint64_t> cr2;         ///< of #PF
    RowSide from, to;                         ///< equal when a process ended
    Program program;                          ///< whose page tables CR3 holds after it, or none: the kernel's own
    std::optional<std::uint64_t> process_id;  ///< who ended
    std::optional<std::uint64_t> wait_status; ///< of who ended
    bool operator==(const LogRow&) const = default;
};

/// Every kind, in the order in which a summary lists them.
inline constexpr std::array kTransitionKinds{
    TransitionKind::Syscall,           TransitionKind::Sysret,       TransitionKind::Iret,
    TransitionKind::Exception,         TransitionKind::Interrupt,    TransitionKind::Nmi,
    TransitionKind::SoftwareInterrupt, TransitionKind::AddressSpace, TransitionKind::GsSwap,
    TransitionKind::FarTransfer};

enum class LogFilter : std::uint8_t {
    Normal, ///< ring changes, events, changes of address space, process ends
    All,    ///< and SWAPGS
};

class TransitionLog final : public GuestObserver {
public:
    static constexpr std::size_t kMaximumRows = 4'000'000;

    TransitionLog(LogFilter filter, const Processes& processes) : filter_(filter), processes_(processes) {}

    const std::vector<LogRow>& rows() const { return rows_; }
    /// Rows that were not kept because there were too many.
    std::uint64_t dropped() const { return dropped_; }
    /// Transitions of `kind` that happened, whether the filter shows them or not.
    std::uint64_t total(TransitionKind kind) const { return totals_[static_cast<std::size_t>(kind)]; }
    /// Changes of ring, either way.
    std::uint64_t crossings() const { return crossings_; }
    /// The rows from the first time `program` was in ring 3 to its end, both included; empty when it never was.
    std::vector<LogRow> of_program(const std::string& program) const;

    void on_transition(const Transition& transition) override;
    void on_process_ended(std::uint64_t count, const Process& process, const model::CpuState& state) override;

private:
    void keep(LogRow row);

    LogFilter filter_;
    const Processes& processes_;
    std::vector<LogRow> rows_;
    std::uint64_t dropped_ = 0, crossings_ = 0;
    std::array<std::uint64_t, kTransitionKinds.size()> totals_{};
};

} // namespace ringcheck
