// SPDX-License-Identifier: MIT
// Lines of a file, a pipe or a terminal, through a buffer.
#pragma once

#include "posix/string.h"

#include <errno.h>
#include <unistd.h>

namespace posix {

class LineReader {
public:
    enum class Result { Line, End, Failed, TooLong };

    /// A line of more than `limit` bytes is TooLong, and is passed over to its end.
    LineReader(int fd, size_t limit) : fd_{fd}, limit_{limit} {}

    /// The next line without its newline; the last one may have none.  Failed: errno says why.
    Result read(String& line)
    {
        line.clear();
        bool too_long = false;
        bool any = false;
        for (;;) {
            if (begin_ == end_) {
                const ssize_t count = ::read(fd_, bytes_, sizeof bytes_);
                if (count < 0 && errno == EINTR) {
                    continue;
                }
                if (count < 0) {
                    return Result::Failed;
                }
                if (count == 0) {
                    return too_long ? Result::TooLong : any ? Result::Line : Result::End;
                }
                begin_ = 0;
                end_ = static_cast<size_t>(count);
            }
            any = true;
            const View rest{bytes_ + begin_, end_ - begin_};
            const size_t newline = rest.find('\n');
            const View part = rest.first(newline);
            begin_ += part.size() + (newline == kNowhere ? 0 : 1);
            too_long = too_long || line.size() + part.size() > limit_;
            if (!too_long) {
                line.append(part);
            }
            if (newline != kNowhere) {
                return too_long ? Result::TooLong : Result::Line;
            }
        }
    }

private:
    int fd_;
    size_t limit_;
    char bytes_[4096] = {};
    size_t begin_ = 0, end_ = 0;
};

} // namespace posix
