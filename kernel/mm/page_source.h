// SPDX-License-Identifier: MIT
// Where the pages of an area come from: a file, as memory management sees it.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "base/span.h"

#include <cstdint>

namespace kernel {

class PageSource {
public:
    /// The frame with page `index`, with one holder more, who is the caller's; of an area of kind Kernel a frame that
    /// nobody counts.
    /// @param write  it will be written through this frame
    /// @return EFAULT  behind the end of the file
    ///         ENOSPC, ENOMEM  there is no room for it
    virtual base::Result<arch::PhysAddr> page(std::uint64_t index, bool write) = 0;
    /// Bytes.
    virtual std::uint64_t file_size() const = 0;
    /// Copies what the file has from `offset` on.
    /// @return bytes copied, fewer than asked for at the end
    virtual std::uint64_t peek(std::uint64_t offset, base::Span<std::uint8_t> bytes) const = 0;
    /// One area more, or fewer, shows the file; it stays as long as there is one.
    virtual void add_view() = 0;
    virtual void drop_view() = 0;

protected:
    ~PageSource() = default;
};

} // namespace kernel
