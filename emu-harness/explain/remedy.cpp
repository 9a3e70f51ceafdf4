// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/remedy.h"

#include "arch/msr.h"
#include "arch/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <tuple>

namespace ringcheck {
namespace {

using model::CpuState;
using model::PhysicalMemory;

/// One way to change a word.
struct Change {
    const Exhibit* exhibit;
    const Field* field;
    std::uint64_t flipped = 0; ///< bits of the word
    std::size_t order = 0;     ///< among all
    std::string text;
};

void add_values(std::vector<Change>& changes, const Exhibit& exhibit, const Field& field, std::uint64_t word)
{
    constexpr std::uint64_t kConforming = arch::SegmentDescriptor::kTypeCode | arch::SegmentDescriptor::kTypeConforming;
    const std::uint64_t now = field.bits.get(word);
    const auto sensible = [&](std::uint64_t other) {
        return field.variation != Variation::SegmentType ||
               (std::popcount(now ^ other) == 1 && (other & kConforming) != kConforming);
    };
    for (std::uint64_t other = 0; other <= field.bits.mask() >> field.bits.low; ++other) {
        if (other != now && sensible(other)) {
            changes.push_back({&exhibit, &field, field.bits.put(now ^ other), changes.size(),
                               fmt::format("{}.{} {} -> {}", exhibit.name, field.name, now, other)});
        }
    }
}

/// Bits 63:47 of the address.  [SDM 1 "Canonical Addressing"]
void add_upper_bits(std::vector<Change>& changes, const Exhibit& exhibit, const Field& field, std::uint64_t word)
{
    constexpr unsigned kLowestUpperBit = 47;
    const unsigned first = 63 - field.bits.high; // the field holds the address's bits from this one on
    for (unsigned position = kLowestUpperBit; position <= 63; ++position) {
        const std::uint64_t flipped = std::uint64_t{1} << (position - first);
        changes.push_back(
            {&exhibit, &field, flipped, changes.size(),
             fmt::format("{} bit {} {}", exhibit.name, position, (word & flipped) != 0 ? "1 -> 0" : "0 -> 1")});
    }
}

std::uint64_t read(const Place& place, const CpuState& state, const PhysicalMemory& memory)
{
    if (const auto* const address = std::get_if<arch::PhysAddr>(&place)) {
        return memory.read_u64(*address).value_or(0);
    }
    if (const auto* const reg = std::get_if<model::Gpr>(&place)) {
        return state[*reg];
    }
    const auto* const member = std::get_if<std::uint64_t CpuState::*>(&place);
    return member == nullptr ? 0 : state.**member;
}

void write(const Place& place, std::uint64_t word, CpuState& state, const PhysicalMemory& memory)
{
    if (const auto* const address = std::get_if<arch::PhysAddr>(&place)) {
        memory.write_u64(*address, word);
    } else if (const auto* const reg = std::get_if<model::Gpr>(&place)) {
        state[*reg] = word;
    } else if (const auto* const member = std::get_if<std::uint64_t CpuState::*>(&place)) {
        state.** member = word;
    }
}

std::vector<Change> all_changes(std::span<const Exhibit> exhibits, const CpuState& state, const PhysicalMemory& memory)
{
    std::vector<Change> changes;
    for (const Exhibit& exhibit : exhibits) {
        for (const Field& field : exhibit.fields) {
            const std::uint64_t word = read(field.place, state, memory);
            if (field.variation == Variation::Values || field.variation == Variation::SegmentType) {
                add_values(changes, exhibit, field, word);
            } else if (field.variation == Variation::UpperBits) {
                add_upper_bits(changes, exhibit, field, word);
            }
        }
    }
    return changes;
}

} // namespace

std::vector<Remedy> find_remedies(std::span<const Exhibit> exhibits, const Question& question, const CpuState& state,
                                  const PhysicalMemory& memory)
{
    constexpr std::size_t kMostNamed = 4;
    model::WriteJournal journal;
    const PhysicalMemory trial = memory.journaled(journal);
    std::vector<Change> changes = all_changes(exhibits, state, memory);
    // Fields that the rule failed on come first among equals.
    std::ranges::sort(changes, {}, [](const Change& change) {
        return std::tuple(std::popcount(change.flipped), !change.field->decisive, change.order);
    });
    std::vector<Remedy> remedies;
    for (const Change& change : changes) {
        if (!remedies.empty() &&
            (std::popcount(change.flipped) > remedies.front().bits || remedies.size() == kMostNamed)) {
            break;
        }
        CpuState other = state;
        write(change.field->place, read(change.field->place, state, memory) ^ change.flipped, other, trial);
        if (!question(other, trial)) {
            remedies.push_back({change.text, std::popcount(change.flipped)});
        }
        journal.undo();
    }
    return remedies;
}

std::vector<Remedy> find_star_remedies(const History::Return& sysret, std::span<const FrameWord> frame,
                                       const Question& question, const CpuState& state, const PhysicalMemory& memory)
{
    constexpr unsigned kLowest = 50, kHighest = 63; // without the two bits of the RPL
    const auto word = [&](const char* name) { return std::ranges::find(frame, name, &FrameWord::name); };
    const auto cs = word("CS"), ss = word("SS");
    if (!sysret.to_64_bit || cs == frame.end() || ss == frame.end() || cs->value != sysret.cs ||
        ss->value != sysret.ss) {
        return {};
    }
    const auto cs_place = locate(state, memory, cs->address), ss_place = locate(state, memory, ss->address);
    model::WriteJournal journal;
    const PhysicalMemory trial = memory.journaled(journal);
    std::vector<Remedy> remedies;
    for (unsigned bit = kLowest; cs_place && ss_place && bit <= kHighest; ++bit) {
        const std::uint64_t star = sysret.star ^ std::uint64_t{1} << bit;
        constexpr std::uint64_t kRing3 = 3, kCodeOffset = 16, kStackOffset = 8; // [SDM 2B SYSRET "Operation"]
        const std::uint64_t base = arch::star::kSysretBase.get(star);
        trial.write_u64(*cs_place, (base + kCodeOffset) | kRing3);
        trial.write_u64(*ss_place, (base + kStackOffset) | kRing3);
        if (!question(state, trial)) {
            remedies.push_back({fmt::format("STAR bit {} {}", bit, (star >> bit & 1) == 0 ? "1 -> 0" : "0 -> 1"), 1});
        }
        journal.undo();
    }
    return remedies;
}

} // namespace ringcheck
