// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about where ring 0 must not store.  Strict: they look at each instruction.
#pragma once

#include "watch/instruction_look.h"
#include "watch/rule_report.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ringcheck {

class StoreRules {
public:
    /// @param is_thread  whether a kernel stack with this top belongs to a thread that has been in ring 3 and lives
    StoreRules(RuleReport& report, const RuleContext& context, std::function<bool(std::uint64_t)> is_thread);

    /// @param rsp0  TSS.RSP0, when the TSS can be read
    void on_instruction(const InstructionLook& look, std::optional<std::uint64_t> rsp0);

private:
    void check_read_only(const InstructionLook& look, const DataAccess& store);
    void check_frame(const InstructionLook& look, const DataAccess& store);
    void check_stack(const InstructionLook& look, const DataAccess& store, std::optional<std::uint64_t> rsp0);
    /// The top of the kernel stack that holds `address`, or nullopt.
    std::optional<std::uint64_t> stack_of(std::uint64_t address) const;

    RuleReport& report_;
    RuleContext context_;
    std::function<bool(std::uint64_t)> is_thread_;
    std::unordered_set<std::uint64_t> freed_; ///< physical addresses of frames
    /// Physical, begin and end: what the image has no right to write.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> read_only_;
};

} // namespace ringcheck
