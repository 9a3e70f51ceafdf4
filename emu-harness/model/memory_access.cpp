// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/memory_access.h"

#include "arch/control_registers.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ringcheck::model {

namespace {

/// The part of an access that lies in one page, translated.
struct Piece {
    std::byte* host = nullptr;
    std::size_t bytes = 0;
    WalkTrace trace;
};

/// An access of at most a page, as one or two pieces.
struct Range {
    std::array<Piece, 2> pieces;
    std::size_t count = 0;
};

Fault non_canonical(Reference reference)
{
    return reference == Reference::Stack ? raise(arch::Vector::StackFault, Reason::StackNonCanonical, 0)
                                         : raise(arch::Vector::GeneralProtection, Reason::AddressNonCanonical, 0);
}

std::expected<void, Fault> locate_piece(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                        std::size_t bytes, Access access, Piece& piece)
{
    const auto page = walk(state, memory, address, access, &piece.trace);
    if (!page) {
        return std::unexpected(page.error());
    }
    piece.bytes = bytes;
    piece.host = memory.at(page->address, bytes);
    if (piece.host == nullptr) {
        return std::unexpected(no_answer(Reason::AccessOutsideRam));
    }
    return {};
}

std::expected<void, Fault> locate(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                  std::size_t bytes, Access access, Reference reference, Range& range)
{
    // The segment unit looks at both ends before paging sees any of it.
    const bool long_mode = (state.efer & arch::efer::kLongModeActive) != 0;
    if (long_mode && !(arch::is_canonical(address) && arch::is_canonical(address + bytes - 1))) {
        return std::unexpected(non_canonical(reference));
    }
    while (bytes != 0) {
        const std::size_t in_page = std::min<std::size_t>(bytes, arch::kPageSize - (address & (arch::kPageSize - 1)));
        const auto located = locate_piece(state, memory, address, in_page, access, range.pieces[range.count++]);
        if (!located) {
            return located;
        }
        address += in_page;
        bytes -= in_page;
    }
    return {};
}

} // namespace

std::expected<void, Fault> read_linear(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                       std::span<std::byte> bytes, Access access, Reference reference)
{
    Range range;
    if (auto located = locate(state, memory, address, bytes.size(), access, reference, range); !located) {
        return located;
    }
    for (const Piece& piece : std::span{range.pieces}.first(range.count)) {
        mark_used(memory, piece.trace, access.kind);
        std::memcpy(bytes.data(), piece.host, piece.bytes);
        bytes = bytes.subspan(piece.bytes);
    }
    return {};
}

std::expected<void, Fault> write_linear(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                        std::span<const std::byte> bytes, Access access, Reference reference)
{
    Range range;
    if (auto located = locate(state, memory, address, bytes.size(), access, reference, range); !located) {
        return located;
    }
    for (const Piece& piece : std::span{range.pieces}.first(range.count)) {
        mark_used(memory, piece.trace, access.kind);
        memory.store(piece.host, bytes.data(), piece.bytes);
        bytes = bytes.subspan(piece.bytes);
    }
    return {};
}

std::expected<std::uint64_t, Fault> push_unaligned(const CpuState& state, const PhysicalMemory& memory,
                                                   std::uint64_t top, std::span<const std::uint64_t> words,
                                                   std::size_t word_bytes, Access access)
{
    std::array<Range, kMaximumFarWords> ranges;
    std::uint64_t address = top;
    for (std::size_t i = 0; i != words.size(); ++i) {
        address -= word_bytes;
        if (auto located = locate(state, memory, address, word_bytes, access, Reference::Stack, ranges[i]); !located) {
            return std::unexpected(located.error());
        }
    }
    for (std::size_t i = 0; i != words.size(); ++i) {
        auto bytes = std::as_bytes(words.subspan(i, 1)).first(word_bytes);
        for (const Piece& piece : std::span{ranges[i].pieces}.first(ranges[i].count)) {
            mark_used(memory, piece.trace, access.kind);
            memory.store(piece.host, bytes.data(), piece.bytes);
            bytes = bytes.subspan(piece.bytes);
        }
    }
    return address;
}

std::expected<std::uint64_t, Fault> push_words(const CpuState& state, const PhysicalMemory& memory, std::uint64_t top,
                                               std::span<const std::uint64_t> words, Access access)
{
    constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
    const std::uint64_t page_start = (top - kWordBytes) & ~(arch::kPageSize - 1);
    const std::size_t words_above = std::min<std::size_t>(words.size(), (top - page_start) / kWordBytes);
    // Upper page first: that is the order of the pushes, so the fault names the first word that cannot be written.
    Range upper, lower;
    if (auto located = locate(state, memory, top - kWordBytes, kWordBytes, access, Reference::Stack, upper); !located) {
        return std::unexpected(located.error());
    }
    if (words_above != words.size()) {
        const std::uint64_t next = page_start - kWordBytes;
        if (auto located = locate(state, memory, next, kWordBytes, access, Reference::Stack, lower); !located) {
            return std::unexpected(located.error());
        }
        mark_used(memory, lower.pieces[0].trace, access.kind);
    }
    mark_used(memory, upper.pieces[0].trace, access.kind);
    for (std::size_t i = 0; i != words.size(); ++i) {
        const bool above = i < words_above;
        std::byte* const first = above ? upper.pieces[0].host : lower.pieces[0].host;
        memory.store(first - kWordBytes * (above ? i : i - words_above), &words[i], kWordBytes);
    }
    return top - words.size_bytes();
}

} // namespace ringcheck::model
