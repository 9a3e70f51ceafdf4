// SPDX-License-Identifier: MIT
// What the kernel's code needs around it on the host: physical memory in a buffer, and a record of its effects.
#pragma once

#include "base/span.h"
#include "mm/frame_allocator.h"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

namespace fake {

/// Physical memory [begin, begin + size), full of a pattern that is neither zero nor a valid page-table entry.
class PhysicalMemory {
public:
    explicit PhysicalMemory(std::uint64_t size, arch::PhysAddr begin = arch::PhysAddr{});
    ~PhysicalMemory();
    PhysicalMemory(const PhysicalMemory&) = delete;
    PhysicalMemory& operator=(const PhysicalMemory&) = delete;

    const kernel::PhysicalWindow& window() const { return window_; }
    kernel::MemoryRange range() const { return {window_.begin(), window_.end() - window_.begin()}; }

    static constexpr std::uint8_t kPattern = 0xa4;
    /// Memory of at least this size is left unfilled, and takes room only where it is written.
    static constexpr std::uint64_t kLarge = std::uint64_t{1} << 30;

private:
    std::uint8_t* bytes_;
    std::uint64_t size_;
    kernel::PhysicalWindow window_;
};

/// A FrameAllocator over `frames` frames that are left when the books have been taken.
class Frames {
public:
    explicit Frames(std::uint64_t frames);
    kernel::FrameAllocator& operator*() { return allocator_; }
    kernel::FrameAllocator* operator->() { return &allocator_; }

private:
    PhysicalMemory memory_;
    kernel::FrameAllocator allocator_;
};

/// A copy in a heap buffer of exactly its size, so that AddressSanitizer sees a read one byte outside.
class ExactBytes {
public:
    template <typename Container>
    explicit ExactBytes(const Container& bytes) : ExactBytes(std::data(bytes), std::size(bytes))
    {
    }
    ExactBytes(const std::uint8_t* data, std::size_t size);
    base::Bytes bytes() const { return {data_.get(), size_}; }

private:
    std::unique_ptr<std::uint8_t[]> data_;
    std::size_t size_;
};

} // namespace fake
