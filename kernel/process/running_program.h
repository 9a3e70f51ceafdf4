// SPDX-License-Identifier: MIT
// The file that a process runs: while one does, nobody may write to it.  [execve(2), open(2) "ETXTBSY"]
#pragma once

#include "fs/inode.h"

#include <utility>

namespace kernel {

class RunningProgram {
public:
    RunningProgram() = default;
    explicit RunningProgram(InodeRef file) : file_(std::move(file)) { count(1); }
    RunningProgram(const RunningProgram& other) : RunningProgram(other.file_) {}
    RunningProgram(RunningProgram&& other) noexcept : file_(std::move(other.file_)) {}
    RunningProgram& operator=(RunningProgram other) noexcept
    {
        std::swap(file_, other.file_);
        return *this;
    }
    ~RunningProgram() { count(-1); }

    explicit operator bool() const { return static_cast<bool>(file_); }
    const InodeRef& file() const { return file_; }

private:
    void count(std::int32_t change)
    {
        if (file_) {
            file_->runs += static_cast<std::uint32_t>(change);
        }
    }

    InodeRef file_;
};

} // namespace kernel
