// SPDX-License-Identifier: MIT
// How much memory files may take: so many pages with contents, and so many names.  A file system that is full says
// ENOSPC before anything is changed, and programs still have the other half of the memory.
#pragma once

#include "base/assert.h"
#include "base/result.h"
#include "mm/frame_allocator.h"

namespace kernel {

class FileSpace {
public:
    /// Half of the frames for pages; as many names.
    void initialise(FrameAllocator& frames)
    {
        *this = {};
        frames_ = &frames;
        page_limit_ = frames.total_frames() / 2;
        name_limit_ = frames.total_frames() / 2;
    }

    FrameAllocator& frames() const { return *frames_; }

    /// ENOSPC.
    base::Result<void> take_page() { return take(pages_, page_limit_); }
    void give_page() { give(pages_); }
    /// A directory entry, and what it leads to.  ENOSPC.
    base::Result<void> take_name() { return take(names_, name_limit_); }
    void give_name() { give(names_); }

    std::uint64_t pages() const { return pages_; }
    std::uint64_t page_limit() const { return page_limit_; }
    std::uint64_t names() const { return names_; }
    std::uint64_t name_limit() const { return name_limit_; }
    /// The number of the next inode.
    std::uint64_t next_number() { return ++last_number_; }

private:
    static base::Result<void> take(std::uint64_t& used, std::uint64_t limit)
    {
        if (used >= limit) {
            return base::fail(uapi::Error::Enospc);
        }
        ++used;
        return {};
    }
    static void give(std::uint64_t& used)
    {
        ASSERT(used > 0);
        --used;
    }

    FrameAllocator* frames_ = nullptr;
    std::uint64_t pages_ = 0;
    std::uint64_t page_limit_ = 0;
    std::uint64_t names_ = 0;
    std::uint64_t name_limit_ = 0;
    std::uint64_t last_number_ = 0;
};

extern FileSpace file_space;

/// What st_dev says of the file systems.
namespace device_id {
inline constexpr std::uint64_t kTmpfs = 1, kPipes = 2, kProcfs = 3;
} // namespace device_id

} // namespace kernel
