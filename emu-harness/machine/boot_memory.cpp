// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/boot_memory.h"

#include "machine/host_pages.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {

using arch::PhysAddr;
using Bytes = std::span<const std::byte>;

namespace {

void copy(Bytes bytes, std::byte* to)
{
    populate({to, bytes.size()});
    std::ranges::copy(bytes, to);
}

} // namespace

const BootMemory::Range* BootMemory::in_the_way(std::uint64_t begin, std::uint64_t end) const
{
    const auto found =
        std::ranges::find_if(taken_, [&](const Range& range) { return range.begin < end && begin < range.end; });
    return found == taken_.end() ? nullptr : &*found;
}

bool BootMemory::taken(std::uint64_t address) const
{
    return address != ~std::uint64_t{0} && in_the_way(address, address + 1) != nullptr;
}

std::expected<void, std::string> BootMemory::place(PhysAddr at, Bytes bytes, std::uint64_t memory_size)
{
    std::byte* const host = memory_.at(at, memory_size);
    if (host == nullptr) {
        return std::unexpected(fmt::format("a segment at physical {:#x}, {:#x} bytes, does not fit in {} MiB of RAM",
                                           at.value, memory_size, size_bytes() >> 20));
    }
    populate({host, memory_size});
    std::ranges::copy(bytes, host);
    std::fill_n(host + bytes.size(), memory_size - bytes.size(), std::byte{0});
    taken_.push_back({at.value, at.value + memory_size});
    return {};
}

std::expected<void, std::string> BootMemory::place_segments(const ElfImage& kernel)
{
    for (const ElfSegment& segment : kernel.segments()) {
        if (auto placed = place(segment.physical_address, segment.file_bytes, segment.memory_size); !placed) {
            return placed;
        }
    }
    return {};
}

std::expected<void, std::string> BootMemory::place_by_addresses(Bytes file, std::uint64_t header_offset,
                                                                const LoadAddresses& addresses)
{
    if (addresses.load > addresses.header || addresses.header - addresses.load > header_offset) {
        return std::unexpected(fmt::format(
            "the Multiboot header, {:#x} bytes into the file, says that it is at {:#x} and the load address {:#x}",
            header_offset, addresses.header, addresses.load));
    }
    const Bytes rest = file.subspan(header_offset - (addresses.header - addresses.load));
    const std::uint64_t file_size =
        addresses.load_end == 0 ? rest.size() : std::uint64_t{addresses.load_end} - addresses.load;
    if (file_size > rest.size()) { // a load end before the load address as well: the difference wraps
        return std::unexpected(fmt::format("the Multiboot header's load end {:#x} is not between its load address "
                                           "{:#x} and the file's end, {:#x}",
                                           addresses.load_end, addresses.load, addresses.load + rest.size()));
    }
    const std::uint64_t end = addresses.load + file_size;
    if (addresses.bss_end != 0 && addresses.bss_end < end) {
        return std::unexpected(
            fmt::format("the Multiboot header's BSS end {:#x} lies before the load end {:#x}", addresses.bss_end, end));
    }
    return place(PhysAddr{addresses.load}, rest.first(file_size),
                 addresses.bss_end == 0 ? file_size : std::uint64_t{addresses.bss_end} - addresses.load);
}

std::unexpected<std::string> BootMemory::no_room(std::uint64_t bytes, const std::string& what) const
{
    return std::unexpected(
        fmt::format("the kernel and {} of {:#x} bytes do not fit in {} MiB of RAM", what, bytes, size_bytes() >> 20));
}

std::expected<PhysAddr, std::string> BootMemory::reserve(std::uint64_t from, std::uint64_t to, std::uint64_t bytes,
                                                         std::uint64_t alignment, const std::string& what)
{
    const auto aligned = [alignment](std::uint64_t address) { return (address + alignment - 1) & ~(alignment - 1); };
    for (std::uint64_t at = aligned(from); at <= to && bytes <= to - at;) {
        if (const Range* const other = in_the_way(at, at + bytes)) {
            at = aligned(other->end);
            continue;
        }
        taken_.push_back({at, at + bytes});
        return PhysAddr{at};
    }
    return no_room(bytes, what);
}

std::expected<PhysAddr, std::string> BootMemory::place_at_top(Bytes bytes, const std::string& what)
{
    std::uint64_t top = size_bytes();
    while (bytes.size() <= top - kHighMemory) {
        const PhysAddr at = PhysAddr{top - bytes.size()}.page_floor();
        if (at.value < kHighMemory) {
            break;
        }
        if (const Range* const other = in_the_way(at.value, at.value + bytes.size())) {
            top = std::max(other->begin, kHighMemory);
            continue;
        }
        copy(bytes, memory_.at(at, bytes.size()));
        taken_.push_back({at.value, at.value + bytes.size()});
        return at;
    }
    return no_room(bytes.size(), what);
}

std::expected<PhysAddr, std::string> BootMemory::place_low_in_high_memory(Bytes bytes, const std::string& what)
{
    const auto at = reserve(kHighMemory, size_bytes(), bytes.size(), arch::kPageSize, what);
    if (at) {
        copy(bytes, memory_.at(*at, bytes.size()));
    }
    return at;
}

std::expected<PhysAddr, std::string> BootMemory::reserve_low(std::uint64_t bytes)
{
    constexpr std::uint64_t kAlignment = 16;
    const auto at = reserve(arch::kPageSize, kLowMemoryEnd, bytes, kAlignment, "");
    if (!at) {
        return std::unexpected(fmt::format("no {:#x} bytes of low memory are left for the boot information", bytes));
    }
    return at;
}

std::expected<PhysAddr, std::string> BootMemory::place_low(Bytes bytes)
{
    const auto at = reserve_low(bytes.size());
    if (at) {
        copy(bytes, memory_.at(*at, bytes.size()));
    }
    return at;
}

std::expected<PhysAddr, std::string> BootMemory::place_low(const std::string& text)
{
    return place_low(std::as_bytes(std::span(text.c_str(), text.size() + 1)));
}

} // namespace ringcheck
