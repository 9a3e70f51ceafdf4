// SPDX-License-Identifier: GPL-2.0-or-later
// Linear memory as a transition uses it: tables, frames and stacks, across page boundaries, with the CPU's checks.
// Accessed and dirty flags are set as the CPU would.
#pragma once

#include "model/page_walk.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

namespace ringcheck::model {

/// What a non-canonical address means here.  [SDM 1 "Canonical Addressing"]
enum class Reference : std::uint8_t {
    Data, ///< #GP(0), AddressNonCanonical
    Stack ///< #SS(0), StackNonCanonical
};

/// Reads `bytes.size()` bytes, at most a page, from linear `address` on.
/// @return  or #GP(0)/#SS(0), or #PF of the first page that refuses, with CR2 = the first byte of the access in that
///          page; outside the model: AccessOutsideRam.
std::expected<void, Fault> read_linear(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                       std::span<std::byte> bytes, Access access, Reference reference);

/// Writes all of `bytes`, at most a page, or nothing when any page refuses.  Faults as read_linear.
std::expected<void, Fault> write_linear(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                        std::span<const std::byte> bytes, Access access, Reference reference);

/// Pushes `words`, at most a page, the first one highest, below `top`, which is a multiple of 8; writes all of them or
/// nothing.
/// @return  the address of the last word: the new RSP; or #SS(0), or #PF of the first word in push order that cannot
///          be written.
std::expected<std::uint64_t, Fault> push_words(const CpuState& state, const PhysicalMemory& memory, std::uint64_t top,
                                               std::span<const std::uint64_t> words, Access access);

/// Most words that a far CALL pushes.
inline constexpr std::size_t kMaximumFarWords = 4;

/// Pushes `words` of `word_bytes` each, at most kMaximumFarWords, the first one highest, below a `top` of any
/// alignment; writes all of them or nothing.
/// @return  as push_words
std::expected<std::uint64_t, Fault> push_unaligned(const CpuState& state, const PhysicalMemory& memory,
                                                   std::uint64_t top, std::span<const std::uint64_t> words,
                                                   std::size_t word_bytes, Access access);

/// A little-endian integer, by read_linear.
template <typename Word>
std::expected<Word, Fault> read_word(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                     Access access, Reference reference = Reference::Data)
{
    Word word{};
    if (auto done = read_linear(state, memory, address, std::as_writable_bytes(std::span{&word, 1}), access, reference);
        !done) {
        return std::unexpected(done.error());
    }
    return word;
}

} // namespace ringcheck::model
