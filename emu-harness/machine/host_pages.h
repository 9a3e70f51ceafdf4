// SPDX-License-Identifier: GPL-2.0-or-later
// Memory of the host, and what its pages cost: a fault for each that is touched for the first time, and under some
// hypervisors a second one, which together take ten times as long as filling the page.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace ringcheck {

struct UnmapPages {
    std::size_t size = 0;
    void operator()(std::byte* first) const;
};
using HostPages = std::unique_ptr<std::byte, UnmapPages>;

/// Zeros, page-aligned.  From a MiB on the host backs them with pages of 2 MiB if it can: one fault for 512 pages.
/// [madvise(2) "MADV_HUGEPAGE"]
/// @return nullptr: the host has no room, and errno says so
HostPages map_zeros(std::size_t bytes);

/// The host gives the pages of `bytes` now, for they are all about to be written to, rather than one by one.  An older
/// Linux, or one that is short of memory, does not, and nothing but the faults comes of it.
/// [madvise(2) "MADV_POPULATE_WRITE"]
void populate(std::span<std::byte> bytes);

} // namespace ringcheck
