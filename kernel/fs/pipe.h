// SPDX-License-Identifier: MIT
// A pipe: bytes in a ring of pages, which are there only while they hold something, between those who have its read end
// open and those who have its write end open.  [pipe(7); POSIX.1-2017 XSH write() "pipe or FIFO"]
// Invariant: the page of each byte that is held is there; of all others at most two are, so that bytes which go through
// one at a time need no allocation.
#pragma once

#include "arch/paging.h"
#include "base/result.h"
#include "fs/open_file.h"
#include "fs/readiness.h"
#include "process/thread_queue.h"

#include <cstdint>

namespace kernel {

class Pipe {
public:
    static constexpr std::uint64_t kUsualCapacity = 16 * arch::kPageSize, kLargestCapacity = 256 * arch::kPageSize;
    /// So many bytes are written in one go or not at all: PIPE_BUF.
    static constexpr std::uint64_t kAtomic = 4096;
    /// All that there can be.
    static constexpr unsigned kMaximum = 512;

    /// ENFILE: kMaximum of them exist.  ENOMEM.
    static base::Result<Pipe*> create();
    /// Nobody uses it any more.
    static void destroy(Pipe& pipe);

    /// Memory behind a pipe that lives as long as it does, for an inode.
    static constexpr std::uint64_t kRoomBehind = 512;
    void* room_behind() { return this + 1; }

    /// An end is opened or closed: both of them for a description that reads and writes.
    void open(const OpenFile& file);
    void close(const OpenFile& file);
    bool unused() const { return readers_ == 0 && writers_ == 0; }
    unsigned readers() const { return readers_; }
    unsigned writers() const { return writers_; }

    /// read(2): what is there, at least one byte; 0 when nobody can write any more.
    /// @return EAGAIN: nothing, and not `block`.  EFAULT.  Erestart: the thread is to end, or a signal came.
    base::Result<std::uint64_t> read(arch::VirtAddr buffer, std::uint64_t count, bool block);
    /// write(2): all of it, except that a signal or a fault may come in between.
    /// @return EPIPE: nobody can read any more, and the caller has got SIGPIPE.  EAGAIN: no room, and not `block`.
    ///         EFAULT.  Erestart: as read().  ENOMEM: no page for the first byte.
    base::Result<std::uint64_t> write(arch::VirtAddr buffer, std::uint64_t count, bool block);
    /// Of uapi::poll_event, for an end.
    std::uint32_t poll(const OpenFile& file) const;
    /// FIONREAD.
    std::uint64_t size() const { return end_ - begin_; }
    std::uint64_t capacity() const { return pages_in_ring_ * arch::kPageSize; }
    /// F_SETPIPE_SZ: in whole pages, a power of two of them.
    /// @return the capacity.  EINVAL: 0, or more than 2^31.  EPERM: above kLargestCapacity.  EBUSY: more is held.
    base::Result<std::uint64_t> set_capacity(std::uint64_t size_bytes);

    Readiness readiness;
    /// Those who wait for the other end of a FIFO to be opened.
    WaitQueue openers;

private:
    Pipe() = default;
    ~Pipe() = default;

    static constexpr unsigned kMaximumPages = kLargestCapacity / arch::kPageSize;

    std::uint64_t room() const { return capacity() - size(); }
    std::uint8_t*& page_of(std::uint64_t place) { return pages_[place / arch::kPageSize & (pages_in_ring_ - 1)]; }
    base::Result<std::uint64_t> put(arch::VirtAddr from, std::uint64_t count);
    base::Result<std::uint64_t> take(arch::VirtAddr to, std::uint64_t count);
    base::Result<std::uint8_t*> page_for_writing();
    void drop_page(std::uint8_t*& page);
    void woken_readers();
    void woken_writers();

    std::uint64_t begin_ = 0; ///< place of the oldest byte; places count up, and begin again in an empty pipe
    std::uint64_t end_ = 0;   ///< behind the newest
    std::uint64_t pages_in_ring_ = kUsualCapacity / arch::kPageSize; ///< a power of two
    unsigned readers_ = 0;
    unsigned writers_ = 0;
    WaitQueue waiting_readers_;
    WaitQueue waiting_writers_;
    std::uint8_t* spare_ = nullptr;
    std::uint8_t* pages_[kMaximumPages] = {};

    static inline constinit unsigned existing = 0;
};

} // namespace kernel
