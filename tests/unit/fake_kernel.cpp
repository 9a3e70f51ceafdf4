// SPDX-License-Identifier: MIT
#include "unit/fake_kernel.h"

#include "base/assert.h"

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

Frames::Frames(std::uint64_t frames) : memory_((frames + 1) * arch::kPageSize, arch::PhysAddr{0x20'0000})
{
    const kernel::MemoryRange usable[] = {memory_.range()};
    if (!allocator_.initialise(memory_.window(), usable, {}, memory_.window().end()) ||
        allocator_.free_frames() != frames) {
        throw std::runtime_error("the books of the fake memory take more than one frame");
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
