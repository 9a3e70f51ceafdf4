// SPDX-License-Identifier: MIT
// A Vessel's file descriptors: small numbers, each for an open file description.
#pragma once

#include "fs/open_file.h"

namespace kernel {

class DescriptorTable {
public:
    /// Descriptors are 0..kMaximum - 1.
    static constexpr unsigned kMaximum = 256;

    /// How many there may be: new ones are below it.  What is open stays open.  [setrlimit(2) "RLIMIT_NOFILE"]
    std::uint32_t limit() const { return limit_; }
    void set_limit(std::uint64_t limit) { limit_ = limit < kMaximum ? static_cast<std::uint32_t>(limit) : kMaximum; }

    /// EBADF: no such descriptor.
    base::Result<HeldFile> find(std::uint32_t descriptor) const;
    /// The lowest free descriptor from `lowest` on, for `file`, one of whose holders it becomes instead of the caller.
    /// EMFILE: none is free; EINVAL: `lowest` is no descriptor; then the caller's hold is given up.
    base::Result<std::uint32_t> add(OpenFile& file, std::uint32_t lowest, bool close_on_exec);
    /// Some descriptor is for `inode`.
    bool refers_to(const Inode& inode) const;
    /// No descriptor is free.
    bool full() const { return lowest_free(0) >= limit_; }
    /// Makes `descriptor` < limit() another one for `file`; what it was for is closed.
    void replace(std::uint32_t descriptor, OpenFile& file, bool close_on_exec);
    /// EBADF.
    base::Result<void> close(std::uint32_t descriptor);
    /// EBADF.
    base::Result<bool> closes_on_exec(std::uint32_t descriptor) const;
    base::Result<void> set_close_on_exec(std::uint32_t descriptor, bool value);

    /// Descriptors 0, 1 and 2 of an empty table, one description of `terminal`.  ENFILE.
    base::Result<void> open_standard(Inode& terminal);
    /// Into an empty table: the same descriptors, for the same descriptions.
    void copy_from(const DescriptorTable& other);
    void close_all();
    /// Closes those that are marked so: a new program begins.
    void close_on_exec();

private:
    static constexpr unsigned kBits = 64, kWords = kMaximum / kBits;

    bool is_open(std::uint32_t descriptor) const { return descriptor < kMaximum && files_[descriptor] != nullptr; }
    /// kMaximum: none.
    std::uint32_t lowest_free(std::uint32_t lowest) const;
    void set(std::uint32_t descriptor, OpenFile& file, bool close_on_exec);
    void clear(std::uint32_t descriptor);
    void give_up(OpenFile& file);
    template <typename Visit> void for_each(Visit visit) const;

    OpenFile* files_[kMaximum] = {};
    std::uint64_t open_[kWords] = {}; ///< one bit for each of them
    bool close_on_exec_[kMaximum] = {};
    std::uint32_t limit_ = kMaximum;
};

} // namespace kernel
