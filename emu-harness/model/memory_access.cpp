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

Fault as_reference(Fault fault, Reference reference)
{
    if (fault.reason == Reason::AddressNonCanonical && reference == Reference::Stack) {
        return raise(arch::Vector::StackFault, Reason::StackNonCanonical, 0);
    }
    return fault;
}

std::expected<Piece, Fault> locate(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                   std::size_t bytes, Access access)
{
    Piece piece;
    piece.bytes = bytes;
    const auto page = walk(state, memory, address, access, &piece.trace);
    if (!page) {
        return std::unexpected(page.error());
    }
    piece.host = memory.at(page->address, bytes);
    if (piece.host == nullptr) {
        return std::unexpected(no_answer(Reason::AccessOutsideRam));
    }
    return piece;
}

/// An access of at most a page, as one or two pieces.
struct Range {
    std::array<Piece, 2> pieces;
    std::size_t count = 0;
};

std::expected<Range, Fault> locate_range(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                         std::size_t bytes, Access access, Reference reference)
{
    // The segment unit looks at both ends before paging sees any of it.
    const bool long_mode = (state.efer & arch::efer::kLongModeActive) != 0;
    if (long_mode && !(arch::is_canonical(address) && arch::is_canonical(address + bytes - 1))) {
        return std::unexpected(
            as_reference(raise(arch::Vector::GeneralProtection, Reason::AddressNonCanonical, 0), reference));
    }
    Range range;
    while (bytes != 0) {
        const std::size_t in_page = std::min<std::size_t>(bytes, arch::kPageSize - (address & (arch::kPageSize - 1)));
        const auto piece = locate(state, memory, address, in_page, access);
        if (!piece) {
            return std::unexpected(piece.error());
        }
        range.pieces[range.count++] = *piece;
        address += in_page;
        bytes -= in_page;
    }
    return range;
}

} // namespace

std::expected<void, Fault> read_linear(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                       std::span<std::byte> bytes, Access access, Reference reference)
{
    const auto range = locate_range(state, memory, address, bytes.size(), access, reference);
    if (!range) {
        return std::unexpected(range.error());
    }
    for (std::size_t i = 0; i != range->count; ++i) {
        const Piece& piece = range->pieces[i];
        mark_used(memory, piece.trace, access.kind);
        std::memcpy(bytes.data(), piece.host, piece.bytes);
        bytes = bytes.subspan(piece.bytes);
    }
    return {};
}

std::expected<void, Fault> write_linear(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                        std::span<const std::byte> bytes, Access access, Reference reference)
{
    const auto range = locate_range(state, memory, address, bytes.size(), access, reference);
    if (!range) {
        return std::unexpected(range.error());
    }
    for (std::size_t i = 0; i != range->count; ++i) {
        const Piece& piece = range->pieces[i];
        mark_used(memory, piece.trace, access.kind);
        std::memcpy(piece.host, bytes.data(), piece.bytes);
        bytes = bytes.subspan(piece.bytes);
    }
    return {};
}

std::expected<std::uint64_t, Fault> push_words(const CpuState& state, const PhysicalMemory& memory, std::uint64_t top,
                                               std::span<const std::uint64_t> words, Access access)
{
    std::array<Piece, kMaximumPush> pieces;
    std::uint64_t address = top;
    for (std::size_t i = 0; i != words.size(); ++i) {
        address -= sizeof(std::uint64_t);
        const bool same_page = i != 0 && (address ^ (address + sizeof(std::uint64_t))) < arch::kPageSize;
        if (same_page) {
            pieces[i] = pieces[i - 1];
            pieces[i].host -= sizeof(std::uint64_t);
            continue;
        }
        const auto range = locate_range(state, memory, address, sizeof(std::uint64_t), access, Reference::Stack);
        if (!range) {
            return std::unexpected(range.error());
        }
        pieces[i] = range->pieces[0];
    }
    for (std::size_t i = 0; i != words.size(); ++i) {
        mark_used(memory, pieces[i].trace, access.kind);
        std::memcpy(pieces[i].host, &words[i], sizeof(std::uint64_t));
    }
    return address;
}

} // namespace ringcheck::model
