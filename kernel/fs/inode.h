// SPDX-License-Identifier: MIT
// What a path leads to, and the one seam through which open files are used.  A file of a new kind (a pipe, a terminal,
// a device) is one class in one file: it overrides what it can do, and everything else fails as POSIX has it for a file
// that cannot.  The virtual tables are read-only data.
// Invariant: an inode lives while somebody holds it or a directory entry leads to it, and no longer.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "uapi/files.h"
#include "uapi/time.h"

#include <cstdint>
#include <utility>

namespace kernel {

struct FileLock;
struct OpenFile;
class PageSource;
class Pipe;
class Readiness;
class SignalFile;

enum class FileKind : std::uint8_t { Regular, Directory, SymbolicLink, CharacterDevice, Fifo };

/// The file type as stat(2) has it, in st_mode.
constexpr std::uint32_t mode_of(FileKind kind)
{
    switch (kind) {
    case FileKind::Regular: return uapi::file_mode::kRegular;
    case FileKind::Directory: return uapi::file_mode::kDirectory;
    case FileKind::SymbolicLink: return uapi::file_mode::kSymbolicLink;
    case FileKind::CharacterDevice: return uapi::file_mode::kCharacterDevice;
    case FileKind::Fifo: return uapi::file_mode::kFifo;
    }
    return 0;
}

/// What an inode is made with; whoever makes it knows it.
struct InodeFacts {
    FileKind kind = FileKind::Regular;
    std::uint32_t permissions = 0;   ///< of uapi::file_mode::kPermissions
    std::uint64_t number = 0;        ///< of the inode, on its device
    std::uint64_t device = 0;        ///< the device that it is on
    std::uint64_t device_number = 0; ///< of a device file
    bool stream = false;             ///< reads and writes have no place: lseek and pread are ESPIPE
};

class Inode {
public:
    constexpr explicit Inode(const InodeFacts& facts)
        : kind(facts.kind), stream(facts.stream), permissions(facts.permissions), number(facts.number),
          device(facts.device), device_number(facts.device_number)
    {
    }
    Inode(const Inode&) = delete;
    Inode& operator=(const Inode&) = delete;

    const FileKind kind;
    const bool stream;
    std::uint32_t permissions;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint32_t links = 1; ///< directory entries; a static object keeps one of its own
    const std::uint64_t number;
    const std::uint64_t device;
    const std::uint64_t device_number;
    FileLock* locks = nullptr;          ///< of processes, see file_locks.h
    std::uint32_t whole_file_locks = 0; ///< see whole_file_locks.h
    bool locked_exclusively = false;    ///< the one of them is
    std::uint32_t writers = 0;          ///< open descriptions of a regular file that can write to it
    std::uint32_t runs = 0;             ///< processes whose program it is: nobody may write to it then, nor the reverse
    uapi::TimeSpec accessed{};
    uapi::TimeSpec modified{}; ///< its contents
    uapi::TimeSpec changed{};  ///< its contents, or what is known of it

    /// One holder more: an open file, a current directory, a view, a call at work.
    void hold() { ++holders_; }
    /// One holder fewer.  When it was the last one and no directory entry leads here, the inode is gone.
    void release()
    {
        if (--holders_ == 0 && links == 0) {
            vanish();
        }
    }
    /// As `release`, for those who free the inode themselves: true when it is gone.
    bool drop() { return --holders_ == 0 && links == 0; }

    /// Bytes that can be read.
    virtual std::uint64_t size() const { return 0; }
    /// What st_blocks tells, in 512 bytes.
    virtual std::uint64_t blocks() const { return (size() + 511) / 512; }

    /// A description of it is about to be given to a program.  May block (a FIFO).  On an error `file` is forgotten,
    /// and `closed` is not called.
    virtual base::Result<void> opened(OpenFile& file);
    /// The last holder of a description has gone.
    virtual void closed(OpenFile& file);

    /// read(2), pread64(2), into user memory.
    /// @param count   bytes, all of them in user space
    /// @param offset  where in the file; a stream does not look at it
    /// @return bytes read, 0 at the end.  EFAULT: none could be stored.  EISDIR, EINVAL.  What blocks: EAGAIN when
    ///         `file` has O_NONBLOCK, EINTR when the calling thread is killed or a signal comes.
    virtual base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                             std::uint64_t offset);
    /// write(2), pwrite64(2), from user memory; as `read`.
    virtual base::Result<std::uint64_t> write(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                              std::uint64_t offset);
    /// ioctl(2).  ENOTTY: it has no such request.
    virtual base::Result<std::uint64_t> ioctl(OpenFile& file, std::uint32_t request, std::uint64_t argument);
    /// What can be done without waiting, of uapi::poll_event.  A file that can always be read and written is ready.
    virtual std::uint32_t poll(const OpenFile& file) const;
    /// Who is told when what poll() says may have changed; nullptr for a file where it never does.
    virtual Readiness* readiness() { return nullptr; }
    /// The pipe that is behind it, or nullptr.
    virtual Pipe* pipe() { return nullptr; }
    /// Itself, when it is one of signalfd(2)'s, or nullptr.
    virtual SignalFile* signal_file() { return nullptr; }
    /// truncate(2), ftruncate(2).  EINVAL: it has no size that can be set.  EFBIG.
    virtual base::Result<void> truncate(std::uint64_t size);
    /// fallocate(2): memory for `count` bytes from `offset` on.  ENODEV.  EFBIG.  ENOSPC, ENOMEM,
    /// EINTR: after a part of it, which stays.
    virtual base::Result<void> reserve(std::uint64_t offset, std::uint64_t count, bool keeps_size);
    /// lseek(2) with SEEK_DATA, or with SEEK_HOLE: the first such byte from `offset` on.  ENXIO: there is none.
    virtual base::Result<std::uint64_t> seek_data(std::uint64_t offset, bool hole) const;
    /// Its pages, for those who map it or load a program from it; nullptr: it cannot be mapped.
    virtual PageSource* pages() { return nullptr; }

protected:
    ~Inode() = default;

private:
    /// Nobody can reach it any more.  What was allocated frees itself.
    virtual void vanish() {}

    std::uint32_t holders_ = 0;
};

/// A regular file that somebody may execute: then the superuser may, too.
inline bool may_execute(const Inode& inode)
{
    return inode.kind == FileKind::Regular && (inode.permissions & uapi::file_mode::kExecute) != 0;
}

/// A holder of an inode.
class InodeRef {
public:
    constexpr InodeRef() = default;
    explicit InodeRef(Inode& inode) : inode_(&inode) { inode.hold(); }
    InodeRef(const InodeRef& other) : inode_(other.inode_)
    {
        if (inode_ != nullptr) {
            inode_->hold();
        }
    }
    InodeRef(InodeRef&& other) noexcept : inode_(std::exchange(other.inode_, nullptr)) {}
    InodeRef& operator=(InodeRef other) noexcept
    {
        std::swap(inode_, other.inode_);
        return *this;
    }
    ~InodeRef() { reset(); }

    void reset()
    {
        if (Inode* const inode = std::exchange(inode_, nullptr)) {
            inode->release();
        }
    }
    explicit operator bool() const { return inode_ != nullptr; }
    Inode* operator->() const { return inode_; }
    Inode& operator*() const { return *inode_; }
    Inode* get() const { return inode_; }

private:
    Inode* inode_ = nullptr;
};

} // namespace kernel
