// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/placed_memory.h"

#include "arch/paging.h"
#include "trace/linux_constants.h"
#include "watch/address_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace ringcheck {
namespace {

constexpr std::uint64_t kPage = arch::kPageSize;
constexpr std::uint64_t kMiddle = 0x80;    ///< where memory begins that has something on both sides
constexpr std::uint64_t kStackGap = 0x400; ///< below the stack pointer, where nothing of the program's is

std::uint64_t page_of(std::uint64_t address)
{
    return address & ~(kPage - 1);
}

std::uint64_t page_count(std::uint64_t bytes)
{
    return (bytes + kPage - 1) / kPage;
}

std::uint64_t constant(std::string_view name)
{
    return linux_constant(name).value();
}

/// From the beginning of the pages that the memory lies in.
std::uint64_t offset_of(MemoryPlace place, std::uint64_t bytes)
{
    switch (place) {
    case MemoryPlace::PageStart: return 0;
    case MemoryPlace::PageEnd: return page_count(bytes) * kPage - bytes;
    case MemoryPlace::Across: return page_count(bytes / 2) * kPage - bytes / 2;
    default: return kMiddle;
    }
}

} // namespace

const PlacedMemory::Area* PlacedMemory::find(const std::string& name) const
{
    const auto found = std::ranges::find(areas_, name, &Area::name);
    return found == areas_.end() ? nullptr : &*found;
}

std::expected<std::uint64_t, std::string> PlacedMemory::call(const std::string& name,
                                                             std::vector<std::uint64_t> arguments)
{
    const SyscallDescription* const description = convention_.find(name);
    if (description == nullptr) {
        return std::unexpected(
            fmt::format("the guest's description has no {}, so memory can be placed on the stack alone", name));
    }
    const auto result = stub_.call(description->number, arguments);
    if (!result) {
        return std::unexpected(fmt::format("the memory was not placed: {} {}", name, result.error()));
    }
    if (!*result) {
        return std::unexpected(fmt::format("the memory was not placed: the process ended in {}", name));
    }
    if (convention_.is_error(**result)) {
        return std::unexpected(
            fmt::format("the memory was not placed: {} gave {}", name, static_cast<std::int64_t>(**result)));
    }
    return **result;
}

std::expected<void, std::string> PlacedMemory::map(Area& area, MemoryPlace place)
{
    const std::uint64_t offset = offset_of(place, area.bytes);
    const std::uint64_t before = place == MemoryPlace::PageStart ? 1 : 0,
                        behind = place == MemoryPlace::PageEnd ? 1 : 0;
    const std::uint64_t pages = page_count(offset + area.bytes);
    const std::uint64_t length = (pages + before + behind + 2) * kPage;
    const auto begin = call("mmap", {0, length, constant("PROT_NONE"),
                                     constant("MAP_PRIVATE") | constant("MAP_ANONYMOUS"), ~std::uint64_t{0}, 0});
    if (!begin) {
        return std::unexpected(begin.error());
    }
    area.pages = *begin + (1 + before) * kPage;
    area.address = area.pages + offset;
    area.known.resize(pages * kPage);
    auto made = call("mprotect", {area.pages, pages * kPage, constant("PROT_READ") | constant("PROT_WRITE")});
    if (made && before != 0) {
        made = call("munmap", {area.pages - kPage, kPage});
    }
    if (made && behind != 0) {
        made = call("munmap", {area.pages + pages * kPage, kPage});
    }
    return made ? std::expected<void, std::string>() : std::unexpected(made.error());
}

void PlacedMemory::place_on_stack(Area& area)
{
    constexpr std::uint64_t kAlignment = 16;
    if (stack_ == 0) {
        stack_ = stub_.state()[model::Gpr::Rsp] - kStackGap;
    }
    area.address = (stack_ - area.bytes) & ~(kAlignment - 1);
    stack_ = area.address;
    area.pages = page_of(area.address);
    area.known.resize(page_count(area.address + area.bytes - area.pages) * kPage);
}

std::expected<void, std::string> PlacedMemory::restrict(const Area& area, MemoryPlace place)
{
    std::expected<std::uint64_t, std::string> made;
    if (place == MemoryPlace::ReadOnly) {
        made = call("mprotect", {area.pages, area.known.size(), constant("PROT_READ")});
    } else if (place == MemoryPlace::NoAccess) {
        made = call("mprotect", {area.pages, area.known.size(), constant("PROT_NONE")});
    } else if (place == MemoryPlace::Unmapped) {
        made = call("munmap", {area.pages, area.known.size()});
    }
    return made ? std::expected<void, std::string>() : std::unexpected(made.error());
}

std::expected<void, std::string> PlacedMemory::touch(const Area& area, Stub::Access access)
{
    // From the last page on: a stack grows downwards.
    for (std::uint64_t page = area.known.size(); page != 0;) {
        page -= kPage;
        if (const std::uint64_t at = std::max(area.pages + page, area.address); at < area.address + area.bytes) {
            if (auto done = stub_.access(at, access); !done) {
                return done;
            }
        }
    }
    return {};
}

void PlacedMemory::store(const Area& area, std::span<const std::byte> contents)
{
    const model::PhysicalMemory memory = memory_.physical();
    for (std::uint64_t at = 0; at < contents.size();) {
        const std::uint64_t address = area.address + at;
        const std::uint64_t count = std::min(contents.size() - at, kPage - address % kPage);
        const auto place = lookup(memory, stub_.state(), arch::VirtAddr{address});
        if (std::byte* const host = place ? memory.at(place->address, count) : nullptr; host != nullptr) {
            memory.store(host, contents.subspan(at, count).data(), count);
        }
        at += count;
    }
}

std::expected<void, std::string> PlacedMemory::place(const std::string& name, MemoryPlace place,
                                                     std::span<const std::byte> contents)
{
    Area area{.name = name, .address = 0, .bytes = contents.size(), .pages = 0, .known = {}};
    if (place == MemoryPlace::Stack) {
        place_on_stack(area);
    } else if (auto mapped = map(area, place); !mapped) {
        return mapped;
    }
    if (place != MemoryPlace::Untouched && place != MemoryPlace::Unmapped) {
        if (auto touched = touch(area, Stub::Access::Store); !touched) {
            return touched;
        }
        store(area, contents);
    }
    if (auto restricted = restrict(area, place); !restricted) {
        return restricted;
    }
    areas_.push_back(std::move(area));
    changes();
    return {};
}

void PlacedMemory::write(const std::string& name, std::span<const std::byte> contents)
{
    store(*find(name), contents);
    changes();
}

std::vector<PlacedMemory::Change> PlacedMemory::changes()
{
    std::vector<Change> changes;
    for (Area& area : areas_) {
        for (std::uint64_t page = 0; page < area.known.size(); page += kPage) {
            const std::span<std::byte> known = std::span(area.known).subspan(page, kPage);
            const std::vector<std::byte> now = memory_.read(stub_.state(), arch::VirtAddr{area.pages + page}, kPage);
            if (now.size() != kPage || std::memcmp(now.data(), known.data(), kPage) == 0) {
                continue; // what is not there, nobody has written
            }
            for (std::uint64_t i = 0; i < kPage; ++i) {
                const auto first = static_cast<std::int64_t>(area.pages + page + i - area.address);
                const bool outside = first < 0 || first >= static_cast<std::int64_t>(area.bytes);
                if (now[i] != known[i] &&
                    (changes.empty() || changes.back().name != area.name || (outside && !changes.back().outside))) {
                    changes.push_back({area.name, outside, first});
                }
            }
            std::ranges::copy(now, known.begin());
        }
    }
    return changes;
}

std::expected<std::vector<std::byte>, std::string> PlacedMemory::read(const std::string& name)
{
    const Area& area = *find(name);
    const auto now = [&] { return memory_.read(stub_.state(), arch::VirtAddr{area.address}, area.bytes); };
    std::vector<std::byte> bytes = now();
    if (bytes.size() == area.bytes) {
        return bytes;
    }
    if (auto touched = touch(area, Stub::Access::Load); !touched) {
        return std::unexpected(touched.error());
    }
    bytes = now();
    if (bytes.size() != area.bytes) {
        return std::unexpected("the memory cannot be read any more");
    }
    changes();
    return bytes;
}

} // namespace ringcheck
