// SPDX-License-Identifier: MIT
#include "unit/fake_kernel.h"

#include "base/assert.h"
#include "cpu/user_copy.h"
#include "layout/address_map.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <sys/mman.h>

namespace base {

void assertion_failed(const char* expression, const char* file, unsigned line)
{
    std::fprintf(stderr, "assertion failed: %s at %s:%u\n", expression, file, line);
    std::abort();
}

} // namespace base

namespace kernel {

// A program's memory is the test's own; the page at 0 is nobody's.

bool in_user_space(arch::VirtAddr begin, std::uint64_t count)
{
    return begin.value <= layout::kUserEnd.value && count <= layout::kUserEnd - begin;
}

std::uint64_t copy_from_user(base::Span<std::uint8_t> to, arch::VirtAddr from)
{
    if (from < layout::kUserBegin || !in_user_space(from, to.size())) {
        return 0;
    }
    __builtin_memcpy(to.data(), reinterpret_cast<const void*>(from.value), to.size());
    return to.size();
}

std::uint64_t copy_to_user(arch::VirtAddr to, base::Span<const std::uint8_t> from)
{
    if (to < layout::kUserBegin || !in_user_space(to, from.size())) {
        return 0;
    }
    __builtin_memcpy(reinterpret_cast<void*>(to.value), from.data(), from.size());
    return from.size();
}

} // namespace kernel

namespace fake {

PhysicalMemory::PhysicalMemory(std::uint64_t size, arch::PhysAddr begin) : size_(size)
{
    void* const memory =
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::runtime_error("no memory for the fake physical memory");
    }
    bytes_ = static_cast<std::uint8_t*>(memory);
    if (size < kLarge) {
        std::memset(bytes_, kPattern, size);
    }
    window_ = kernel::PhysicalWindow{arch::VirtAddr{reinterpret_cast<std::uint64_t>(bytes_)}, begin, begin + size};
}

PhysicalMemory::~PhysicalMemory()
{
    munmap(bytes_, size_);
}

namespace {

/// The frames that the books of an allocator with so many others take.
std::uint64_t frames_of_books(std::uint64_t frames)
{
    for (std::uint64_t books = 1;; ++books) {
        const std::uint64_t words = (frames + books + 63) / 64; // each with one bit and one record a frame
        if (words * (8 + 64 * 2) <= books * arch::kPageSize) {
            return books;
        }
    }
}

} // namespace

Frames::Frames(std::uint64_t frames)
    : memory_((frames + frames_of_books(frames)) * arch::kPageSize, arch::PhysAddr{0x20'0000})
{
    const kernel::MemoryRange usable[] = {memory_.range()};
    if (!allocator_.initialise(memory_.window(), usable, {}, memory_.window().end()) ||
        allocator_.free_frames() != frames) {
        throw std::runtime_error("the books of the fake memory take another number of frames");
    }
}

ExactBytes::ExactBytes(const std::uint8_t* data, std::size_t size)
    : data_(std::make_unique_for_overwrite<std::uint8_t[]>(size)), size_(size)
{
    if (size != 0) {
        std::memcpy(data_.get(), data, size);
    }
}

} // namespace fake
