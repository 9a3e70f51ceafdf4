// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/kept_value.h"

#include "explain/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Gpr;

constexpr std::uint64_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kMostSteps = 300'000;

constexpr std::array kGprNames{"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
                               "R8",  "R9",  "R10", "R11", "R12", "R13", "R14", "R15"};

/// The places that hold one value.
class Copies {
public:
    Copies(std::uint64_t value, const model::PhysicalMemory& memory) : value_(value), memory_(memory) {}

    /// Looks at memory that the last instruction may have written, and drops what holds the value no longer.
    void update(const CpuState& after, const std::vector<MemoryOperand>& touched)
    {
        for (const MemoryOperand& operand : touched) {
            for (const std::uint64_t address : {operand.address, operand.address + kWord}) { // XMM holds two
                if (holds(after, address)) {
                    addresses_.insert(address);
                }
            }
        }
        std::erase_if(addresses_,
                      [&](std::uint64_t address) { return !holds(after, address) || popped(after, address); });
        registers_.clear();
        for (std::size_t i = 0; i != kGprNames.size(); ++i) {
            if (after.gpr[i] == value_) {
                registers_.emplace_back(kGprNames[i]);
            }
        }
    }
    bool none() const { return registers_.empty() && addresses_.empty(); }
    std::vector<std::string> places(const Symbols& symbols, const Program& program) const
    {
        std::vector<std::string> all = registers_;
        for (const std::uint64_t address : addresses_) {
            all.push_back(fmt::format("memory at {:#x} ({})", address, symbols.stack(address, program)));
        }
        return all;
    }

private:
    bool holds(const CpuState& state, std::uint64_t address) const
    {
        const auto place = locate(state, memory_, address);
        return place && memory_.read_u64(*place) == value_;
    }
    /// Below RSP, on the same stack as far as one can tell: whatever is pushed next overwrites it.
    static bool popped(const CpuState& state, std::uint64_t address)
    {
        constexpr std::uint64_t kStack = 64u << 10;
        return address < state[Gpr::Rsp] && state[Gpr::Rsp] - address < kStack;
    }

    std::uint64_t value_;
    model::PhysicalMemory memory_;
    std::vector<std::string> registers_;
    std::set<std::uint64_t> addresses_;
};

} // namespace

std::optional<ValueFate> follow(Machine& machine, const KeptValue& kept, const Symbols& symbols, const Program& program)
{
    if (kept.to_count - kept.from_count > kMostSteps || machine.instruction_count() != kept.from_count) {
        return std::nullopt;
    }
    const model::PhysicalMemory memory = machine.memory();
    CpuState state = machine.state();
    Copies copies(kept.value, memory);
    copies.update(state, {});
    ValueFate fate;
    while (!copies.none() && machine.instruction_count() < kept.to_count) {
        const InstructionAt instruction = instruction_at(state, memory);
        fate = {.lost = true,
                .count = machine.instruction_count(),
                .rip = state.rip,
                .symbol = symbols.code(state.rip, state.cpl, program),
                .instruction = instruction.text.text,
                .places = {}};
        if (machine.run({.instructions = fate.count + 1}).kind != EndKind::InstructionLimit) {
            return std::nullopt;
        }
        state = machine.state();
        copies.update(state, instruction.text.memory);
    }
    if (!copies.none()) {
        fate.lost = false;
        fate.places = copies.places(symbols, program);
    }
    return fate;
}

} // namespace ringcheck
