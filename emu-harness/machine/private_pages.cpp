// SPDX-License-Identifier: GPL-2.0-or-later
// [proc_pid_pagemap(5)]
#include "machine/private_pages.h"

#include "arch/address.h"
#include "arch/bits.h"
#include "machine/file_descriptor.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fcntl.h>
#include <unistd.h>

namespace ringcheck {
namespace {

constexpr std::uint64_t kOfFile = arch::bit<61>, kSwapped = arch::bit<62>, kPresent = arch::bit<63>;

bool is_private(std::uint64_t entry)
{
    return (entry & (kPresent | kSwapped)) != 0 && (entry & kOfFile) == 0;
}

} // namespace

std::optional<std::vector<PageRun>> private_pages(std::span<const std::byte> mapping, std::size_t limit)
{
    const FileDescriptor file(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
    std::optional<std::vector<PageRun>> runs{std::in_place};
    const std::size_t first = reinterpret_cast<std::uintptr_t>(mapping.data()) / arch::kPageSize;
    const std::size_t pages = mapping.size() / arch::kPageSize;
    std::size_t found = 0;
    for (std::size_t page = 0; page < pages && runs;) {
        std::array<std::uint64_t, 4096> entries{};
        const std::size_t count = std::min(entries.size(), pages - page), bytes = count * sizeof entries[0];
        const auto at = static_cast<off_t>((first + page) * sizeof entries[0]);
        if (pread(file.number(), entries.data(), bytes, at) != static_cast<ssize_t>(bytes)) {
            runs.reset();
            break;
        }
        for (std::size_t i = 0; i < count && runs; ++i, ++page) {
            if (!is_private(entries[i])) {
                continue;
            }
            const std::size_t offset = page * arch::kPageSize;
            if (runs->empty() || runs->back().end() != offset) {
                runs->push_back({offset, 0});
            }
            runs->back().size += arch::kPageSize;
            found += arch::kPageSize;
            if (found > limit) {
                runs.reset();
            }
        }
    }
    return runs;
}

} // namespace ringcheck
