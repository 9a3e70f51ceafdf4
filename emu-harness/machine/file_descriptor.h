// SPDX-License-Identifier: GPL-2.0-or-later
// An open file of the host's, closed at the end.
#pragma once

#include <unistd.h>

namespace ringcheck {

class FileDescriptor {
public:
    /// @param number  of open(2), -1 when that has failed
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor()
    {
        if (valid()) {
            close(number_);
        }
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    bool valid() const { return number_ >= 0; }
    int number() const { return number_; }

private:
    int number_;
};

} // namespace ringcheck
