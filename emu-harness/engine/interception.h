// SPDX-License-Identifier: GPL-2.0-or-later
// The gate before every instruction: counts it, and says whether the engine may execute it or has to stop before it.
// Invariant: what was classified is what executes.  A cached classification is valid while the same bytes stand at the
// same place and no translation has changed, and both are checked on each use.
#pragma once

#include "arch/address.h"
#include "engine/instruction_class.h"
#include "engine/sparse_table.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ringcheck {

/// Spreads addresses, which differ in few bits, over the `slots` of a cache, a power of two.
constexpr std::size_t cache_slot(std::uint64_t rip, std::size_t slots)
{
    constexpr std::uint64_t kGoldenRatio = 0x9e37'79b9'7f4a'7c15;
    return (rip * kGoldenRatio >> 40) % slots;
}

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
    /// When the stop is for an Instruction, or Watched.
    const Instruction& instruction() const { return instruction_; }

    /// Instructions that were admitted and have not faulted, and those that the machine executed by the model.
    std::uint64_t count() const { return count_; }
    void set_count(std::uint64_t count) { count_ = count; }
    /// The machine executed an instruction by the model.
    void retire()
    {
        admitted_rip_ = kNever;
        ++count_;
    }
    /// The instruction that was admitted last raised a fault at `rip` and so did not retire.  A fault at another
    /// address is one of fetching: no instruction was admitted for it.
    void take_back_fault(std::uint64_t rip);

    /// The instruction at `rip` is a repeated string instruction with iterations behind and before it.
    bool between_iterations(std::uint64_t rip) const;

    /// admit() stops when the count reaches this.
    void stop_at_count(std::uint64_t count) { stop_count_ = count; }
    std::uint64_t stop_count() const { return stop_count_; }
    /// The next instruction is admitted whatever it is, and the one after it is stopped before.
    void pass_one()
    {
        pass_special_ = pass_watched_ = count_;
        stop_at_count(count_ + 1);
    }
    /// The next instruction is admitted although it is watched.
    void pass_watched() { pass_watched_ = count_; }
    /// Where the engine keeps what decides about some instructions, while it runs too; valid as long as the engine is.
    struct LiveState {
        const std::uint64_t* gpr = nullptr;    ///< 16 registers in encoding order
        const std::uint64_t* rflags = nullptr; ///< whose IF is current
        const std::uint32_t* hidden = nullptr;
        std::uint32_t shadow_mask = 0; ///< the bit of `hidden` that says that interrupts are inhibited
        const std::uint64_t *fs_base = nullptr, *gs_base = nullptr;
    };
    /// Before the first admit().
    void set_live_state(const LiveState& state) { live_ = state; }
    /// STI and POPF stop too: an interrupt waits for them.
    void set_interrupt_waiting(bool waiting) { interrupt_waiting_ = waiting; }

    /// The state by whose tables code is fetched from now on; forgets all classifications.
    void set_translation(const model::CpuState& state);
    void watch(arch::VirtAddr address);
    void unwatch_all();
    /// Stops before these too, as Watched: the execution breakpoints that the guest has armed.
    void set_breakpoints(std::span<const std::uint64_t> addresses);

    // For a gate that admits whole blocks (BlockGate).
    /// `instructions` plain ones were admitted, `last` being the address of the last of them.
    /// @return the address that was admitted last before them
    std::uint64_t advance(std::uint32_t instructions, std::uint64_t last)
    {
        count_ += instructions;
        return std::exchange(admitted_rip_, last);
    }
    /// Undoes what advance() did too much: `count` were admitted, the one at `last` last.
    void rewind(std::uint64_t count, std::uint64_t last)
    {
        count_ = count;
        admitted_rip_ = last;
    }
    std::uint64_t last_admitted() const { return admitted_rip_; }
    /// Stops before the instruction at `rip`; always false.
    bool stop_for(Stop why, std::uint64_t rip);
    /// Grows when a classification or a translation may have become another.
    std::uint64_t generation() const { return generation_; }
    /// Grows when watch() or unwatch_all() has changed something.
    std::uint64_t watch_generation() const { return watch_generation_; }
    bool watches_any(std::uint64_t first, std::uint64_t bytes) const;
    bool long_code() const { return translation_.in_64_bit_mode(); }
    /// Copies the code at `rip`, as many bytes as are mapped: @return where the first one stands, nullptr if none.
    const std::byte* read_code(std::uint64_t rip, std::span<std::byte> bytes, std::size_t& read) const;

    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    /// What a snapshot keeps; what is watched is not part of it.
    struct Saved {
        std::uint64_t count = 0, last_admitted = 0;
    };
    Saved save() const { return {count_, admitted_rip_}; }
    /// After set_translation(), which forgets what came last.
    void restore(const Saved& saved)
    {
        rewind(saved.count, saved.last_admitted);
        pass_special_ = pass_watched_ = kNever;
    }

private:
    struct Entry {
        std::uint64_t rip = 0;
        const std::byte* host = nullptr; ///< nullptr: not cached
        std::array<std::uint64_t, 2> bytes{}, mask{};
        std::uint64_t generation = 0;
        Instruction instruction;
        bool watched = false;
        bool may_follow_itself = false;
    };
    static constexpr std::size_t kEntries = 4096;

    static bool unchanged(const Entry& entry);
    bool look_up(Entry& entry, std::uint64_t rip, std::uint32_t size);
    bool watches(std::uint64_t rip) const;
    bool admit_special(const Entry& entry);
    bool engine_may_set_if() const;
    bool operand_is_aligned(const Entry& entry) const;
    bool stop_for(Stop why, const Entry& entry);
    struct CodeWindow;
    CodeWindow fetch(std::uint64_t rip) const;
    Instruction instruction_at(std::uint64_t rip) const;

    // Together, because every block or instruction needs them.
    std::uint64_t count_ = 0, stop_count_ = kNever;
    std::uint64_t admitted_rip_ = kNever;
    std::uint64_t generation_ = 1;
    std::uint64_t pass_special_ = kNever, pass_watched_ = kNever;
    bool interrupt_waiting_ = false;
    LiveState live_;
    SparseTable<Entry, kEntries> entries_;

    model::PhysicalMemory memory_;
    model::CpuState translation_;
    std::uint64_t watch_generation_ = 1;
    std::unordered_set<std::uint64_t> watched_;
    std::vector<std::uint64_t> breakpoints_;

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
    Entry& entry = entries_[cache_slot(rip, kEntries)];
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
    if ((entry.instruction.kind != InstructionKind::Plain || entry.watched) && !admit_special(entry)) {
        return false;
    }
    admitted_rip_ = rip;
    ++count_;
    return true;
}

} // namespace ringcheck
