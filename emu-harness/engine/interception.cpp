// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/interception.h"

#include "arch/control_registers.h"
#include "arch/rflags.h"
#include "engine/effective_address.h"
#include "model/page_walk.h"

#include <algorithm>

namespace ringcheck {

namespace {

constexpr std::size_t kWindow = 16; ///< bytes that an entry compares: at least kLongestInstruction

/// The first `bytes` bytes of a 16-byte window.
std::array<std::uint64_t, 2> mask_of(std::size_t bytes)
{
    std::array<std::uint64_t, 2> mask;
    std::array<std::uint8_t, kWindow> window{};
    std::fill_n(window.begin(), bytes, std::uint8_t{0xff});
    std::memcpy(mask.data(), window.data(), sizeof mask);
    return mask;
}

} // namespace

/// What the guest's code at one address looks like: the bytes in its page, then those in the next page if that is
/// mapped.
struct Interception::CodeWindow {
    const std::byte* host = nullptr; ///< of the first byte; nullptr when it cannot be fetched
    std::array<std::byte, kWindow> bytes{};
    std::size_t size = 0;
};

const std::byte* Interception::read_code(std::uint64_t rip, std::span<std::byte> bytes, std::size_t& read) const
{
    // The engine has fetched these bytes with the rights of the running code; only the place is wanted here.
    constexpr model::Access kAnyRead{model::AccessKind::Read, false, false};
    const std::byte* first = nullptr;
    for (read = 0; read < bytes.size();) {
        const arch::VirtAddr address{rip + read};
        const std::size_t in_page = std::min(bytes.size() - read, arch::kPageSize - address.page_offset());
        const auto translation = model::walk(translation_, memory_, address.value, kAnyRead);
        const std::byte* const host = translation ? memory_.at(translation->address, in_page) : nullptr;
        if (host == nullptr) {
            break;
        }
        first = read == 0 ? host : first;
        std::memcpy(bytes.data() + read, host, in_page);
        read += in_page;
    }
    return first;
}

Interception::CodeWindow Interception::fetch(std::uint64_t rip) const
{
    CodeWindow window;
    window.host = read_code(rip, window.bytes, window.size);
    return window;
}

Interception::Interception(model::PhysicalMemory memory) : memory_(memory) {}

bool Interception::look_up(Entry& entry, std::uint64_t rip, std::uint32_t size)
{
    const CodeWindow window = fetch(rip);
    entry = Entry{};
    if (window.host == nullptr) {
        return false;
    }
    const std::size_t length = std::min<std::size_t>(size, kLongestInstruction);
    const bool in_one_page = arch::VirtAddr{rip}.page_offset() + length <= arch::kPageSize;
    entry.rip = rip;
    entry.host = in_one_page ? window.host : nullptr;
    std::memcpy(entry.bytes.data(), window.bytes.data(), kWindow);
    entry.mask = mask_of(length);
    entry.generation = generation_;
    entry.instruction = classify(std::span(window.bytes).first(window.size), translation_.in_64_bit_mode());
    entry.may_follow_itself = entry.instruction.may_follow_itself();
    entry.watched = watches(rip);
    return true;
}

bool Interception::admit_special(const Entry& entry)
{
    if (entry.watched && pass_watched_ != count_) {
        return stop_for(Stop::Watched, entry);
    }
    switch (entry.instruction.kind) {
    case InstructionKind::Plain:
    case InstructionKind::EvaluatesFlags: return true;
    case InstructionKind::InvalidatePage: ++generation_; return true;
    case InstructionKind::AlignedOperand:
        return operand_is_aligned(entry) || pass_special_ == count_ || stop_for(Stop::Instruction, entry);
    case InstructionKind::EnableInterrupts:
        if (!engine_may_set_if()) {
            return pass_special_ == count_ || stop_for(Stop::Instruction, entry);
        }
        [[fallthrough]];
    case InstructionKind::PopFlags:
        return !interrupt_waiting_ || pass_special_ == count_ || stop_for(Stop::Instruction, entry);
    default: return pass_special_ == count_ || stop_for(Stop::Instruction, entry);
    }
}

/// The engine gives each STI a shadow, but the first in a row; the CPU, each that sets IF.
bool Interception::engine_may_set_if() const
{
    const bool in_shadow = (*live_.hidden & live_.shadow_mask) != 0;
    return (*live_.rflags & arch::rflags::kInterrupt) == 0 && !in_shadow;
}

bool Interception::operand_is_aligned(const Entry& entry) const
{
    constexpr std::uint64_t kBytes = 16;
    constexpr std::uint8_t kFs = 0x64, kGs = 0x65;
    const std::uint8_t override = entry.instruction.segment_override;
    const std::uint64_t base = override == kFs ? *live_.fs_base : override == kGs ? *live_.gs_base : 0;
    return (base + effective_address(entry.instruction, live_.gpr, entry.rip).offset) % kBytes == 0;
}

bool Interception::stop_for(Stop why, const Entry& entry)
{
    stop_ = why;
    rip_ = entry.rip;
    instruction_ = entry.instruction;
    return false;
}

bool Interception::stop_for(Stop why, std::uint64_t rip)
{
    stop_ = why;
    rip_ = rip;
    return false;
}

Instruction Interception::instruction_at(std::uint64_t rip) const
{
    const CodeWindow window = fetch(rip);
    return classify(std::span(window.bytes).first(window.size), translation_.in_64_bit_mode());
}

bool Interception::between_iterations(std::uint64_t rip) const
{
    return rip == admitted_rip_ && instruction_at(rip).repeated_string();
}

void Interception::take_back_fault(std::uint64_t rip)
{
    if (rip == admitted_rip_) {
        --count_;
        admitted_rip_ = kNever;
    }
    // The handler's first instruction will have the same count as the one that was let pass.
    pass_special_ = pass_watched_ = kNever;
}

void Interception::set_translation(const model::CpuState& state)
{
    translation_ = state;
    translation_.cr4 &= ~arch::cr4::kSmap; // user code is looked at as data, by the supervisor
    ++generation_;
    admitted_rip_ = kNever;
}

void Interception::watch(arch::VirtAddr address)
{
    watched_.insert(address.value);
    ++generation_;
    ++watch_generation_;
}

void Interception::unwatch_all()
{
    watched_.clear();
    ++generation_;
    ++watch_generation_;
}

void Interception::set_breakpoints(std::span<const std::uint64_t> addresses)
{
    if (std::ranges::equal(breakpoints_, addresses)) {
        return;
    }
    breakpoints_.assign(addresses.begin(), addresses.end());
    ++generation_;
    ++watch_generation_;
}

bool Interception::watches(std::uint64_t rip) const
{
    return watched_.contains(rip) || std::ranges::find(breakpoints_, rip) != breakpoints_.end();
}

bool Interception::watches_any(std::uint64_t first, std::uint64_t bytes) const
{
    const auto inside = [&](std::uint64_t rip) { return rip - first < bytes; };
    return std::ranges::any_of(watched_, inside) || std::ranges::any_of(breakpoints_, inside);
}

} // namespace ringcheck
