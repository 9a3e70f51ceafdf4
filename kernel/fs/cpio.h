// SPDX-License-Identifier: MIT
// Reads the initrd: a cpio archive in the "newc" format.  Never reads outside the bytes it is given, and looks at no
// number that it does not need.
// [Linux Documentation/driver-api/early-userspace/buffer-format; cpio(5) "New ASCII Format"]
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"

#include <cstdint>

namespace kernel {

struct CpioEntry {
    base::StringView name; ///< without a leading "./" or "/"
    base::Bytes data;
    std::uint32_t mode = 0; ///< type and permissions as stat(2) has them

    bool is_regular_file() const;
    bool is_directory() const;
    bool is_symbolic_link() const;
};

/// Goes through an archive's entries in their order.
class CpioReader {
public:
    explicit CpioReader(base::Bytes archive) : archive_(archive) {}

    /// Fills `entry` with the next entry.
    /// @return true   `entry` is valid, its name and data point into the archive
    ///         false  the trailer has been reached
    ///         EIO    the archive is damaged here or ends without a trailer
    base::Result<bool> next(CpioEntry& entry);

private:
    base::Bytes archive_;
    std::uint64_t position_ = 0;
};

} // namespace kernel
