// SPDX-License-Identifier: MIT
// A counter that programs wait for: eventfd(2).
#pragma once

#include "fs/inode.h"
#include "fs/readiness.h"
#include "process/thread_queue.h"

namespace kernel {

class EventFile final : public Inode {
public:
    /// One that goes with its last holder.
    /// @param semaphore  a read takes 1, not all of it
    /// @return ENOMEM
    static base::Result<InodeRef> create(std::uint64_t value, bool semaphore);

    /// Eight bytes: what the counter was, when it is not 0.  EINVAL: a shorter buffer.  EAGAIN, EFAULT, Erestart.
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    /// Eight bytes: what is added, when there is room below 2^64 - 1.  EINVAL: fewer bytes, or 2^64 - 1.
    base::Result<std::uint64_t> write(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                      std::uint64_t offset) override;
    std::uint32_t poll(const OpenFile& file) const override;
    Readiness* readiness() override { return &readiness_; }

private:
    static constexpr std::uint64_t kLargest = ~std::uint64_t{0} - 1;

    EventFile(std::uint64_t value, bool semaphore);
    void changed_value();
    void vanish() override;

    std::uint64_t value_; ///< at most kLargest
    const bool semaphore_;
    WaitQueue waiters_;
    Readiness readiness_;
};

} // namespace kernel
