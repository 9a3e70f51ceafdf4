// SPDX-License-Identifier: GPL-2.0-or-later
// The gate before every instruction: counts it, and says whether the engine may execute it or has to stop before it.
// Invariant: what was classified is what executes.  A cached classification is valid while the same bytes stand at the
// same place and no translation has changed, and both are checked on each use.
#pragma once

#include "arch/address.h"
#include "engine/instruction_class.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <unordered_set>
#include <vector>

namespace ringcheck {

class Interception {
public:
    /// `memory` has kLongestInstruction readable bytes behind its end.
    explicit Interception(model::PhysicalMemory memory);

    /// Why the engine was stopped before the instruction at rip().
    enum class Stop : std::uint8_t {
        Count,       ///< instruction_count() reached the number given to stop_at_count()
        Watched,     ///< the address was given to watch()
        Instruction, ///< instruction() is not the engine's business, or not without a look at its result
        Unreadable,  ///< the engine executes code that the page tables no longer grant
    };

    /// Called by the engine before each instruction.
    /// @param size  its length, as the engine decodes it; more than kLongestInstruction if it could not
    /// @return      false: stop before it
    bool admit(std::uint64_t rip, std::uint32_t size);

    Stop stop() const { return stop_; }
    std::uint64_t rip() const { return rip_; }
    const Instruction& instruction() const { return instruction_; }

    /// Instructions that were admitted and have not faulted, and those that the machine executed by the model.
    std::uint64_t count() const { return count_; }
    void set_count(std::uint64_t count) { count_ = count; }
    /// The machine executed an instruction at `rip` by the model.
    void retire(std::uint64_t rip)
    {
        admitted_rip_ = kNever;
        record(rip);
    }
    /// The instruction that was admitted last raised a fault at `rip` and so did not retire.  A fault at another
    /// address is one of fetching: no instruction was admitted for it.
    void take_back_fault(std::uint64_t rip);

    /// The instruction at `rip` is a repeated string instruction with iterations behind and before it.
    bool between_iterations(std::uint64_t rip) const;

    /// admit() stops when the count reaches this.
    void stop_at_count(std::uint64_t count) { stop_count_ = count; }
    /// The next instruction is admitted whatever it is, and the one after it is stopped before.
    void pass_one() { pass_special_ = pass_watched_ = count_, stop_count_ = count_ + 1; }
    /// The next instruction is admitted although it is watched.
    void pass_watched() { pass_watched_ = count_; }
    /// STI and POPF stop too: an interrupt waits for them.
    void set_interrupt_waiting(bool waiting) { interrupt_waiting_ = waiting; }

    /// The state by whose tables code is fetched from now on; forgets all classifications.
    void set_translation(const model::CpuState& state);
    void watch(arch::VirtAddr address);
    void unwatch_all();

    /// The lowest and highest of the last instructions' addresses: where a guest that gets nowhere is.
    struct Range {
        std::uint64_t low, high;
    };
    Range recent_range() const;

private:
    struct Entry {
        std::uint64_t rip = 0;
        const std::byte* host = nullptr; ///< nullptr: not cached
        std::array<std::uint64_t, 2> bytes{}, mask{};
        std::uint64_t generation = 0;
        InstructionKind kind{};
        bool watched = false;
        bool may_follow_itself = false;
    };
    static constexpr std::size_t kEntries = 4096;
    static constexpr std::size_t kRecent = 256;
    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    static bool unchanged(const Entry& entry);
    bool look_up(Entry& entry, std::uint64_t rip, std::uint32_t size);
    bool admit_special(const Entry& entry);
    void record(std::uint64_t rip)
    {
        recent_[count_ % kRecent] = rip;
        ++count_;
    }
    Instruction instruction_at(std::uint64_t rip) const;
    bool stop_for(Stop why, std::uint64_t rip);

    model::PhysicalMemory memory_;
    model::CpuState translation_;
    std::vector<Entry> entries_;
    std::uint64_t generation_ = 1;
    std::uint64_t count_ = 0, stop_count_ = kNever, pass_special_ = kNever, pass_watched_ = kNever;
    std::uint64_t admitted_rip_ = kNever;
    bool interrupt_waiting_ = false;
    std::unordered_set<std::uint64_t> watched_;
    std::array<std::uint64_t, kRecent> recent_{};

    Stop stop_{};
    std::uint64_t rip_ = 0;
    Instruction instruction_;
};

inline bool Interception::unchanged(const Entry& entry)
{
    std::array<std::uint64_t, 2> now;
    std::memcpy(now.data(), entry.host, sizeof now);
    return ((now[0] ^ entry.bytes[0]) & entry.mask[0]) == 0 && ((now[1] ^ entry.bytes[1]) & entry.mask[1]) == 0;
}

inline bool Interception::admit(std::uint64_t rip, std::uint32_t size)
{
    Entry& entry = entries_[(rip ^ rip >> 12) % kEntries];
    if (rip == admitted_rip_ && entry.rip == rip && !entry.may_follow_itself) {
        // A store into the block of code that it belongs to: the engine drops the block and begins the store again.
        return true;
    }
    if (count_ >= stop_count_) {
        return stop_for(Stop::Count, rip);
    }
    const bool known = entry.rip == rip && entry.generation == generation_ && entry.host != nullptr && unchanged(entry);
    if (!known && !look_up(entry, rip, size)) {
        return stop_for(Stop::Unreadable, rip);
    }
    if ((entry.kind != InstructionKind::Plain || entry.watched) && !admit_special(entry)) {
        return false;
    }
    admitted_rip_ = rip;
    record(rip);
    return true;
}

} // namespace ringcheck
