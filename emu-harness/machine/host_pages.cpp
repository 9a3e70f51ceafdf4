// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/host_pages.h"

#include "arch/address.h"

#include <cstdint>
#include <sys/mman.h>

namespace ringcheck {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;

std::size_t round_up(std::size_t size, std::size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

HostPages map(std::size_t size)
{
    void* const data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return {data == MAP_FAILED ? nullptr : static_cast<std::byte*>(data), UnmapPages{size}};
}

} // namespace

void UnmapPages::operator()(std::byte* first) const
{
    munmap(first, size);
}

HostPages map_zeros(std::size_t bytes)
{
    if (bytes < kLargePage / 2) {
        return map(round_up(bytes, arch::kPageSize));
    }
    const std::size_t size = round_up(bytes, kLargePage);
    HostPages pages = map(size + kLargePage);
    if (pages != nullptr) {
        // Only what begins and ends at a large page's boundary can be one.
        std::byte* const first = pages.release();
        const auto address = reinterpret_cast<std::uintptr_t>(first);
        const std::size_t before = round_up(address, kLargePage) - address;
        UnmapPages{kLargePage - before}(first + before + size);
        pages = HostPages{first + before, UnmapPages{size}};
        if (before != 0) {
            UnmapPages{before}(first);
        }
        (void)madvise(pages.get(), size, MADV_HUGEPAGE);
    }
    return pages;
}

void populate(std::span<std::byte> bytes)
{
    const std::size_t before = reinterpret_cast<std::uintptr_t>(bytes.data()) % arch::kPageSize;
    (void)madvise(bytes.data() - before, bytes.size() + before, MADV_POPULATE_WRITE);
}

} // namespace ringcheck
