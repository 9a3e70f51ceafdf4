// SPDX-License-Identifier: MIT
// Writing all of it.
#pragma once

#include "posix/view.h"

#include <errno.h>
#include <unistd.h>

namespace posix {

/// Writes all of `text`, however often write(2) stops short or is interrupted; false when it fails, and errno says why.
inline bool write_all(int fd, View text)
{
    while (!text.empty()) {
        const ssize_t count = write(fd, text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            return false;
        }
        text = text.from(count < 0 ? 0 : static_cast<size_t>(count));
    }
    return true;
}

} // namespace posix
