// SPDX-License-Identifier: GPL-2.0-or-later
// The gate before every block of plain code: counts the whole block and lets it run.
// A block is what the engine translates in one piece: it runs from its first instruction to its last unless something
// stops it.  The engine translates every block so that each instruction is announced; the gate then learns how long its
// instructions are.  A block that comes by often is translated once more, bare: only the instruction that Interception
// would not let pass, if there is one, is still announced.  When the budget ends inside a bare block, it is translated
// again with all announcements and runs by Interception alone.
// Invariant: whether its translation is bare or not, and at whatever instruction it ends, a block adds to the count
// what Interception would have counted.  A bare translation exists only of code that `blocks_` has an entry for.
#pragma once

#include "engine/interception.h"
#include "engine/sparse_table.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ringcheck {

class BlockGate {
public:
    explicit BlockGate(Interception& interception) : interception_(interception) {}

    /// Called by the engine before each block.  @return true: it is a bare one, has been counted, and may run
    bool enter_bare(std::uint64_t rip, std::uint32_t size);
    /// Called before each other block, also before one that has to be stopped before.
    /// @return false: stop before it, for retranslation() if there is one, else for Interception::stop()
    bool enter(std::uint64_t rip, std::uint32_t size);
    /// Called by the engine before each instruction that is announced.  @return as enter()
    bool admit(std::uint64_t rip, std::uint32_t size);
    /// The run ended without a stop of the gate, at `rip`: the instruction there was let pass if it belongs to the
    /// block that runs, but those behind it were not.
    void settle(std::uint64_t rip);
    /// While on, everything passes without being counted: an instruction is repeated that was counted before.
    void set_repeating(bool on);
    /// The instruction at `rip` belongs to the block that runs.
    bool runs(std::uint64_t rip) const { return credited_ != nullptr && credited_->index_of(rip); }

    /// What is to be done before the run can go on.
    struct Retranslation {
        enum class What : std::uint8_t {
            Bare,      ///< translate the block with one announcement or none
            Announced, ///< drop the translation, so that the engine makes one with all announcements
            Everything ///< drop all translations
        };
        What what{};
        std::uint64_t rip = 0;
        std::uint32_t size = 0;
        std::uint64_t announced = 0;   ///< Bare: the one instruction that is still announced, or CodeHook::kNone
        std::uint32_t whole_count = 0; ///< Bare: the instructions that the block must have; 0 if unknown
    };
    const std::optional<Retranslation>& retranslation() const { return retranslation_; }
    /// Done; false: a bare translation came out otherwise than asked for, and was dropped.
    void retranslated(bool as_asked);
    /// The engine has dropped all translations.
    void forget_all();
    /// The engine has dropped the translations of what lies in these host pages, if only in part.
    void forget_pages(const std::unordered_set<const std::byte*>& pages);
    /// Host pages that hold code of which there may be translations.
    const std::unordered_set<const std::byte*>& code_pages() const { return code_pages_; }

private:
    /// One block of plain code, at one place in RAM and under one address.
    struct Block {
        std::uint64_t rip = 0;
        std::uint32_t size = 0;
        const std::byte* first_page = nullptr; ///< on the host, where it begins; where its last byte is
        const std::byte* last_page = nullptr;
        bool learnt = false;  ///< offsets and bytes are complete
        bool bare = false;    ///< a bare translation may exist
        bool refused = false; ///< it cannot have one
        bool watched = false; ///< it must not have one for now
        /// The page tables have changed since it came by last, and its code may have with them: of a store through a
        /// page that is not executable the engine drops what the store's own bytes were translated to, and forgets to
        /// look at the stores behind it.
        bool may_be_stale = false;
        unsigned runs_to_go = kRunsBeforeBare, runs_before_bare = kRunsBeforeBare;
        std::vector<std::uint16_t> offsets; ///< of its plain instructions, then of its end or of the first that is not
        std::vector<std::byte> bytes;       ///< of the instructions that were learnt
        bool ends_in_special = false;       ///< an instruction that has to be looked at follows the plain ones

        std::uint32_t count() const { return static_cast<std::uint32_t>(offsets.size() - 1); }
        std::optional<std::uint32_t> index_of(std::uint64_t address) const;
    };
    struct Key {
        std::uint64_t rip;
        const std::byte* host;
        std::uint32_t size;
        bool long_code;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const
        {
            constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
            return (key.rip ^ reinterpret_cast<std::uintptr_t>(key.host) * 3 ^ key.size) * kOdd >> 16;
        }
    };
    /// What enter_bare() needs of a block, in one cache line.
    struct alignas(64) Slot {
        std::uint64_t rip = 0, generation = 0, last = 0;
        std::uint32_t size = 0, count = 0;
        Block* block = nullptr;
    };
    /// In a slot's generation: it only says where the block's entry is.
    static constexpr std::uint64_t kNotBare = std::uint64_t{1} << 63;
    static constexpr std::size_t kSlots = 4096;
    /// Translating a block costs as much as some thousand announcements.
    static constexpr unsigned kRunsBeforeBare = 50;
    static constexpr std::size_t kMostBlocks = 1 << 16;
    static constexpr std::uint64_t kNowhere = Interception::kNever;

    static std::size_t slot_of(std::uint64_t rip) { return cache_slot(rip, kSlots); }
    void credit(const Slot& slot);
    std::uint64_t count_before(const Block& block) const { return interception_.count() - block.count(); }
    /// The entry of the block here, a new one if need be; nullptr when its code cannot be read.
    Block* find(std::uint64_t rip, std::uint32_t size);
    bool enter_known(Block& block, bool announced);
    void look_at_watches();
    bool make_bare(Block& block);
    void take_back_restart(std::uint64_t rip, std::uint32_t size);
    void learn(std::uint64_t rip, std::uint32_t size, bool admitted);
    bool same_bytes(const Block& block) const;
    /// Forgets what was learnt of the block and has the engine translate it anew.
    bool relearn(Block& block);
    bool ask_for_announcements(std::uint64_t rip);
    void clear_slot(std::uint64_t rip) { slots_[slot_of(rip)] = Slot{}; }

    Interception& interception_;
    std::unordered_map<Key, Block, KeyHash> blocks_;
    std::unordered_set<const std::byte*> code_pages_;
    SparseTable<Slot, kSlots> slots_;
    Block* credited_ = nullptr;     ///< the block that runs, if it was counted as a whole
    std::uint64_t last_before_ = 0; ///< the address admitted last before it
    bool repeating_ = false;
    Block* learning_ = nullptr;
    Block* asked_for_ = nullptr;         ///< the block that retranslation() is about
    std::uint64_t announced_ = kNowhere; ///< the block here has just been translated with all announcements
    std::uint64_t watch_generation_ = 0;
    std::optional<Retranslation> retranslation_;
};

inline void BlockGate::credit(const Slot& slot)
{
    last_before_ = interception_.advance(slot.count, slot.last);
    credited_ = slot.block;
}

inline bool BlockGate::enter_bare(std::uint64_t rip, std::uint32_t size)
{
    const Slot& slot = slots_[slot_of(rip)];
    if (slot.rip != rip || slot.size != size || slot.generation != interception_.generation() ||
        interception_.count() + slot.count > interception_.stop_count()) [[unlikely]] {
        return false;
    }
    credit(slot);
    return true;
}

} // namespace ringcheck
