// SPDX-License-Identifier: GPL-2.0-or-later
// RAM while a loader fills it: remembers what is taken, so that nothing is put over anything else.
#pragma once

#include "arch/address.h"
#include "machine/elf_image.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

/// Where an image goes whatever its ELF headers say: both versions of Multiboot have these fields.
struct LoadAddresses {
    std::uint32_t header = 0;   ///< where the Multiboot header is to stand
    std::uint32_t load = 0;     ///< of the first byte loaded
    std::uint32_t load_end = 0; ///< 0: the file's end
    std::uint32_t bss_end = 0;  ///< 0: no BSS
};

class BootMemory {
public:
    /// Where a PC's low memory ends (the extended BIOS data area follows) and where RAM goes on.
    static constexpr std::uint64_t kLowMemoryEnd = 0x9'fc00, kHighMemory = 0x10'0000;

    explicit BootMemory(model::PhysicalMemory memory) : memory_(memory) {}

    std::uint64_t size_bytes() const { return memory_.size_bytes(); }

    /// Puts the segments where their physical addresses say, BSS zeroed.  One line: one is outside RAM.
    std::expected<void, std::string> place_segments(const ElfImage& kernel);
    /// Puts the file, from the first byte that is to be loaded on, where `addresses` say.
    /// One line: they contradict each other or the file, or lead outside RAM.
    /// @param header_offset  of the Multiboot header in the file
    std::expected<void, std::string> place_by_addresses(std::span<const std::byte> file, std::uint64_t header_offset,
                                                        const LoadAddresses& addresses);
    /// `address` lies in what was placed so far.
    bool taken(std::uint64_t address) const;

    /// Page-aligned, at the top of RAM, below what is there already.  One line: it does not fit.
    std::expected<arch::PhysAddr, std::string> place_at_top(std::span<const std::byte> bytes, const std::string& what);
    /// Page-aligned, the lowest free place above 1 MiB.  One line: it does not fit.
    std::expected<arch::PhysAddr, std::string> place_low_in_high_memory(std::span<const std::byte> bytes,
                                                                        const std::string& what);
    /// The lowest free place in [from, to).
    std::expected<arch::PhysAddr, std::string> reserve(std::uint64_t from, std::uint64_t to, std::uint64_t bytes,
                                                       std::uint64_t alignment, const std::string& what);
    /// The lowest free place below kLowMemoryEnd, 16-byte aligned; page 0 stays empty, so that null is nothing.
    std::expected<arch::PhysAddr, std::string> reserve_low(std::uint64_t bytes);
    std::expected<arch::PhysAddr, std::string> place_low(std::span<const std::byte> bytes);
    /// With its NUL.
    std::expected<arch::PhysAddr, std::string> place_low(const std::string& text);

    /// Writes to a place that was reserved.
    template <typename Structure> void write(arch::PhysAddr address, const Structure& structure)
    {
        std::memcpy(memory_.at(address, sizeof structure), &structure, sizeof structure);
    }

private:
    struct Range {
        std::uint64_t begin = 0, end = 0;
    };
    /// The range that overlaps [begin, end), or nullptr.
    const Range* in_the_way(std::uint64_t begin, std::uint64_t end) const;
    std::expected<void, std::string> place(arch::PhysAddr at, std::span<const std::byte> bytes,
                                           std::uint64_t memory_size);
    std::unexpected<std::string> no_room(std::uint64_t bytes, const std::string& what) const;

    model::PhysicalMemory memory_;
    std::vector<Range> taken_;
};

} // namespace ringcheck
