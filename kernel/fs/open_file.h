// SPDX-License-Identifier: MIT
// Open file descriptions: what one open made, shared by all descriptors that dup and fork make of it.
// [POSIX.1-2017 XBD 3.258 "Open File Description"]
#pragma once

#include "base/result.h"
#include "base/slot_set.h"
#include "fs/inode.h"

#include <cstdint>

namespace kernel {

/// flock(2)'s.
enum class WholeFileLock : std::uint8_t { None, Shared, Exclusive };

struct OpenFile {
    Inode* inode = nullptr; ///< which it holds
    bool readable = false;
    bool writable = false;
    bool path_only = false;           ///< O_PATH: it stands for the file, and cannot be used
    std::uint32_t status_flags = 0;   ///< what F_GETFL tells beside the access
    std::uint64_t offset = 0;         ///< bytes; where the next read or write begins, unless it is a stream
    std::uint32_t holders = 0;        ///< descriptors, and calls at work on it
    std::uint16_t slot = 0;           ///< in the table
    WholeFileLock lock{};             ///< on all of the file
    const void* list_entry = nullptr; ///< where a directory was listed last; only it looks there
    std::uint64_t list_removals = 0;  ///< when that counts

    /// Calls that would have to wait fail with EAGAIN.
    bool blocks() const { return (status_flags & uapi::open_flag::kNonblock) == 0; }
};

/// All open file descriptions of the machine.
class OpenFileTable {
public:
    static constexpr unsigned kMaximum = 1024;

    /// One with a single holder.  ENFILE: the table is full.  ETXTBSY: to write to a program that runs.  What
    /// Inode::opened says; it may block. With O_PATH, the inode does not hear of it.
    base::Result<OpenFile*> open(Inode& inode, std::uint32_t open_flags);
    /// One holder more.
    static void hold(OpenFile& file) { ++file.holders; }
    /// One holder fewer; the last one takes the description along.
    void release(OpenFile& file)
    {
        ASSERT(file.holders > 0);
        if (--file.holders == 0) {
            close(file);
        }
    }
    bool full() const { return slots_.taken() == kMaximum; }
    /// How many slots are taken.
    unsigned used_slots() const { return slots_.taken(); }

private:
    void close(OpenFile& file);

    OpenFile files_[kMaximum];
    base::SlotSet<kMaximum> slots_;
};

extern OpenFileTable open_files;

/// A holder while a call is at work: the description stays, whoever closes its descriptors meanwhile.
class HeldFile {
public:
    explicit HeldFile(OpenFile& file) : file_(&file) { OpenFileTable::hold(file); }
    HeldFile(HeldFile&& other) noexcept : file_(other.file_) { other.file_ = nullptr; }
    HeldFile& operator=(HeldFile&&) = delete;
    ~HeldFile()
    {
        if (file_ != nullptr) {
            open_files.release(*file_);
        }
    }

    OpenFile* operator->() const { return file_; }
    OpenFile& operator*() const { return *file_; }

private:
    OpenFile* file_;
};

} // namespace kernel
