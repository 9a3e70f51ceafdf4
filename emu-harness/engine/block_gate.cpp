// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/block_gate.h"

#include "engine/code_hook.h"

#include <algorithm>

namespace ringcheck {
namespace {

/// The engine may execute such an instruction by itself, and then what is behind it in the block.
bool may_go_on_behind(InstructionKind kind)
{
    return kind == InstructionKind::InvalidatePage || kind == InstructionKind::EnableInterrupts ||
           kind == InstructionKind::PopFlags || kind == InstructionKind::EvaluatesFlags ||
           kind == InstructionKind::AlignedOperand;
}

const std::byte* page_of(const std::byte* host)
{
    return host - reinterpret_cast<std::uintptr_t>(host) % arch::kPageSize;
}

} // namespace

std::optional<std::uint32_t> BlockGate::Block::index_of(std::uint64_t address) const
{
    const std::uint64_t offset = address - rip;
    const auto found = std::ranges::lower_bound(offsets, offset);
    if (found == offsets.end() || *found != offset || found + 1 == offsets.end()) {
        return std::nullopt; // the last offset is where the plain instructions end
    }
    return static_cast<std::uint32_t>(found - offsets.begin());
}

bool BlockGate::same_bytes(const Block& block) const
{
    std::vector<std::byte> now(block.bytes.size());
    std::size_t read = 0;
    return interception_.read_code(block.rip, now, read) != nullptr && now == block.bytes;
}

bool BlockGate::ask_for_announcements(std::uint64_t rip)
{
    announced_ = rip;
    retranslation_ = Retranslation{.what = Retranslation::What::Announced, .rip = rip};
    return false;
}

bool BlockGate::relearn(Block& block)
{
    const std::uint64_t rip = block.rip;
    const std::uint32_t size = block.size;
    const bool watched = block.watched;
    const std::byte *const first_page = block.first_page, *const last_page = block.last_page;
    block = Block{};
    block.rip = rip;
    block.size = size;
    block.watched = watched;
    block.first_page = first_page;
    block.last_page = last_page;
    clear_slot(rip);
    return ask_for_announcements(rip);
}

/// A store into the block that it belongs to: the engine drops the block, translates the storing instruction alone and
/// begins it again.  Nothing else ends a block before its end without an exception and goes on inside it, with a block
/// that is no longer than one instruction.
void BlockGate::take_back_restart(std::uint64_t rip, std::uint32_t size)
{
    const Block& block = *credited_;
    const auto index = block.index_of(rip);
    if (index && *index + 1 < block.count() &&
        size == static_cast<std::uint32_t>(block.offsets[*index + 1] - block.offsets[*index])) {
        interception_.rewind(count_before(block) + *index,
                             *index == 0 ? last_before_ : block.rip + block.offsets[*index - 1]);
    }
}

BlockGate::Block* BlockGate::find(std::uint64_t rip, std::uint32_t size)
{
    Slot& slot = slots_[slot_of(rip)];
    if (slot.rip == rip && slot.size == size && (slot.generation & ~kNotBare) == interception_.generation()) {
        return slot.block;
    }
    std::byte first{};
    std::size_t read = 0;
    const std::byte* const host = interception_.read_code(rip, std::span(&first, 1), read);
    if (host == nullptr) {
        return nullptr;
    }
    const auto [entry, is_new] = blocks_.try_emplace(Key{rip, host, size, interception_.long_code()});
    Block& block = entry->second;
    if (is_new) {
        block.rip = rip;
        block.size = size;
        block.watched = interception_.watches_any(rip, size);
        const std::byte* const last = interception_.read_code(rip + size - 1, std::span(&first, 1), read);
        block.first_page = page_of(host);
        block.last_page = page_of(last == nullptr ? host : last);
        code_pages_.insert({block.first_page, block.last_page});
    }
    block.may_be_stale = !is_new;
    slot = {rip, interception_.generation() | kNotBare, 0, size, 0, &block};
    return &block;
}

bool BlockGate::enter(std::uint64_t rip, std::uint32_t size)
{
    if (repeating_) {
        return true;
    }
    const bool announced = std::exchange(announced_, kNowhere) == rip;
    if (credited_ != nullptr) {
        take_back_restart(rip, size);
        credited_ = nullptr;
    }
    learning_ = nullptr;
    // At the address admitted last it may be a restart, which admit() knows.
    if (interception_.count() >= interception_.stop_count() && rip != interception_.last_admitted()) {
        return interception_.stop_for(Interception::Stop::Count, rip);
    }
    look_at_watches();
    if (blocks_.size() >= kMostBlocks) {
        forget_all();
        retranslation_ = Retranslation{.what = Retranslation::What::Everything};
        return false;
    }
    Block* const found = find(rip, size);
    if (found == nullptr) {
        // Interception will say so, as soon as the translation lets it.
        return announced || ask_for_announcements(rip);
    }
    Block& block = *found;
    if (std::exchange(block.may_be_stale, false) && !announced && !same_bytes(block)) {
        return relearn(block);
    }
    if (block.bare) {
        return enter_known(block, announced);
    }
    if (!block.learnt) {
        learning_ = &block;
        block.offsets.clear();
        block.bytes.clear();
        return true;
    }
    if (block.refused || block.watched) {
        return true;
    }
    if (block.runs_to_go > 0) {
        --block.runs_to_go;
        return true;
    }
    return make_bare(block);
}

/// A bare block would not announce what is watched from now on.
void BlockGate::look_at_watches()
{
    if (watch_generation_ == interception_.watch_generation()) {
        return;
    }
    watch_generation_ = interception_.watch_generation();
    for (auto& [key, block] : blocks_) {
        block.watched = interception_.watches_any(block.rip, block.size);
    }
}

bool BlockGate::enter_known(Block& block, bool announced)
{
    if (block.watched) {
        block.bare = false;
        clear_slot(block.rip);
        return ask_for_announcements(block.rip);
    }
    const Slot slot{
        block.rip, interception_.generation(), block.rip + block.offsets[block.count() - 1], block.size, block.count(),
        &block};
    if (interception_.count() + slot.count <= interception_.stop_count()) {
        slots_[slot_of(block.rip)] = slot;
        credit(slot);
        return true;
    }
    if (announced) {
        return true;
    }
    // Cut up for this once by us: no sign that its translations are lost often.
    block.runs_to_go = kRunsBeforeBare;
    block.runs_before_bare = std::max(block.runs_before_bare / 2, kRunsBeforeBare);
    return ask_for_announcements(block.rip);
}

/// Asks for a bare translation of a block that was learnt.
bool BlockGate::make_bare(Block& block)
{
    block.runs_before_bare = std::min(block.runs_before_bare * 2, 1u << 20);
    block.runs_to_go = block.runs_before_bare;
    if (!same_bytes(block)) {
        return relearn(block);
    }
    asked_for_ = &block;
    retranslation_ =
        Retranslation{.what = Retranslation::What::Bare,
                      .rip = block.rip,
                      .size = block.size,
                      .announced = block.ends_in_special ? block.rip + block.offsets.back() : CodeHook::kNone,
                      .whole_count = block.ends_in_special ? 0 : block.count()};
    return false;
}

void BlockGate::retranslated(bool as_asked)
{
    retranslation_.reset();
    if (asked_for_ != nullptr) {
        asked_for_->bare = as_asked;
        asked_for_->refused = !as_asked;
        asked_for_ = nullptr;
    }
}

void BlockGate::forget_all()
{
    blocks_.clear();
    code_pages_.clear();
    slots_.clear();
    credited_ = learning_ = asked_for_ = nullptr;
    announced_ = kNowhere;
}

void BlockGate::forget_pages(const std::unordered_set<const std::byte*>& pages)
{
    std::erase_if(blocks_, [&pages](const auto& entry) {
        return pages.contains(entry.second.first_page) || pages.contains(entry.second.last_page);
    });
    for (const std::byte* const page : pages) {
        code_pages_.erase(page);
    }
    slots_.clear();
    credited_ = learning_ = asked_for_ = nullptr;
    announced_ = kNowhere;
}

void BlockGate::set_repeating(bool on)
{
    repeating_ = on;
    slots_.clear(); // so that enter_bare() knows none
}

bool BlockGate::admit(std::uint64_t rip, std::uint32_t size)
{
    if (repeating_) {
        return true;
    }
    if (credited_ != nullptr) {
        Block& block = *std::exchange(credited_, nullptr);
        if (rip == block.rip) {
            // The engine has translated the block by itself, so all of its instructions are announced.
            interception_.rewind(count_before(block), last_before_);
            if (block.runs_to_go == 0) {
                clear_slot(rip);
                return make_bare(block);
            }
            --block.runs_to_go;
        }
    }
    const bool admitted = interception_.admit(rip, size);
    if (learning_ != nullptr) {
        learn(rip, size, admitted);
    }
    return admitted;
}

/// Takes down the instruction at `rip` as the next one of the block that is learnt.
void BlockGate::learn(std::uint64_t rip, std::uint32_t size, bool admitted)
{
    Block& block = *learning_;
    const auto offset = static_cast<std::uint32_t>(block.bytes.size());
    const bool stopped_by_kind = !admitted && interception_.stop() == Interception::Stop::Instruction;
    if (rip != block.rip + offset || size > kLongestInstruction || (!admitted && !stopped_by_kind)) {
        learning_ = nullptr;
        return;
    }
    std::array<std::byte, kLongestInstruction> bytes{};
    std::size_t read = 0;
    interception_.read_code(rip, std::span(bytes).first(size), read);
    block.offsets.push_back(static_cast<std::uint16_t>(offset));
    block.bytes.insert(block.bytes.end(), bytes.begin(), bytes.begin() + size);
    const InstructionKind kind = classify(std::span(bytes).first(size), interception_.long_code()).kind;
    const bool at_end = offset + size == block.size;
    if (kind == InstructionKind::Plain) {
        if (at_end) {
            block.offsets.push_back(static_cast<std::uint16_t>(block.size));
        } else {
            return;
        }
    }
    learning_ = nullptr;
    block.learnt = true;
    block.ends_in_special = kind != InstructionKind::Plain;
    // Its translation may be bare if plain instructions come first and nothing that is not announced comes behind.
    block.refused = block.count() == 0 || (may_go_on_behind(kind) && !at_end);
}

void BlockGate::settle(std::uint64_t rip)
{
    learning_ = nullptr;
    announced_ = kNowhere;
    if (credited_ == nullptr) {
        return;
    }
    const Block& block = *std::exchange(credited_, nullptr);
    if (const auto index = block.index_of(rip)) {
        interception_.rewind(count_before(block) + *index + 1, rip);
    }
}

} // namespace ringcheck
