// SPDX-License-Identifier: GPL-2.0-or-later
// One instruction as a log of steps shows it, and what is printed of it.
#pragma once

#include "explain/code_lines.h"
#include "explain/register_changes.h"
#include "watch/symbols.h"
#include "watch/transition_log.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

struct Step {
    std::uint64_t count; ///< instructions retired before it
    const CodeLine& code;
    const model::CpuState& before;
    const Program& program; ///< whose page tables are loaded before it
    bool retired;           ///< false: it raised the exception that follows
    /// Not RIP, which the next step shows; empty when it did not retire.
    const std::vector<RegisterChange>& changes;
};

/// Adds text to what is to be printed, in the order of the guest.
class StepFormat {
public:
    virtual ~StepFormat() = default;
    virtual void step(const Step& step, std::string& text) = 0;
    /// A transition or the end of a process.
    virtual void row(const LogRow& row, std::string& text) = 0;
};

/// Aligned text.  A line of source stands alone, before the first instruction that belongs to it:
///   count     instructions retired before it          ring  CPL
///   IADT      IF, AC, DF and TF where they are set    stack RSP by name
///   at        RIP by name                             and the instruction, and what it changed
/// A transition stands behind the instruction that it is, or before the one that an event came before.
class StepText final : public StepFormat {
public:
    explicit StepText(const Symbols& symbols) : symbols_(symbols), stacks_(kStacks) {}
    /// The line above all others.
    static std::string heading();
    void step(const Step& step, std::string& text) override;
    void row(const LogRow& row, std::string& text) override;

private:
    const std::string& stack_name(std::uint64_t rsp, const Program& program);

    static constexpr std::size_t kStacks = 1024; ///< a power of two
    struct Stack {
        std::uint64_t rsp = 0;
        Places places; ///< of the process whose stack it is
        std::string name;
    };
    const Symbols& symbols_;
    std::string source_; ///< the line that was shown last
    std::vector<Stack> stacks_;
};

/// One JSON object a line, as cli/ringcheck.schema.json describes it: "step", "transition", "exit".
class StepJson final : public StepFormat {
public:
    explicit StepJson(const Symbols& symbols) : symbols_(symbols) {}
    void step(const Step& step, std::string& text) override;
    void row(const LogRow& row, std::string& text) override;

private:
    const Symbols& symbols_;
};

} // namespace ringcheck
