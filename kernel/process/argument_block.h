// SPDX-License-Identifier: MIT
// Strings on their way from an old program's memory to a new one's: they wait in frames of their own, because either
// memory may be gone, or not there yet, while the other one is looked at.
#pragma once

#include "base/string_view.h"
#include "mm/frame_allocator.h"

#include <cstdint>

namespace kernel {

class ArgumentBlock {
public:
    /// All bytes, with their NULs: as many frames as an index of one frame can name, 2 MiB.  Linux allows a quarter of
    /// the stack's 8 MiB.  [execve(2) "Limits on size of arguments and environment"]
    static constexpr std::uint64_t kMaximumFrames = arch::kPageSize / sizeof(arch::PhysAddr);
    static constexpr std::uint64_t kMaximumBytes = kMaximumFrames * arch::kPageSize;

    /// Strings that follow each other.
    struct Run {
        std::uint64_t begin = 0; ///< of the first one, in the block
        std::uint64_t bytes = 0; ///< with their NULs
        std::uint64_t count = 0;
    };

    explicit ArgumentBlock(FrameAllocator& frames) : frames_(&frames) {}
    ArgumentBlock(const ArgumentBlock&) = delete;
    ArgumentBlock& operator=(const ArgumentBlock&) = delete;
    ~ArgumentBlock();

    std::uint64_t size() const { return size_; }
    /// Free bytes that follow what is there, at least one: `commit` says how many of them have been filled.
    /// E2BIG: kMaximumBytes are there.  ENOMEM.
    base::Result<base::Span<std::uint8_t>> room();
    void commit(std::uint64_t bytes) { size_ += bytes; }
    /// Adds a string and its NUL.  E2BIG, ENOMEM.
    base::Result<void> append(base::StringView text);
    /// What follows `at` < size() without a gap in memory.
    base::Bytes piece(std::uint64_t at) const;

private:
    FrameAllocator* frames_;
    arch::PhysAddr* index_ = nullptr; ///< a frame full of addresses of frames
    arch::PhysAddr index_frame_;
    std::uint64_t frames_used_ = 0;
    std::uint64_t size_ = 0;
};

} // namespace kernel
