// SPDX-License-Identifier: MIT
#include "fs/pipe.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "mm/kernel_memory.h"
#include "process/harbor.h"
#include "process/loom.h"

#include <new>

namespace kernel {

using arch::kPageSize;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

Result<std::uint8_t*> allocate_page()
{
    const arch::PhysAddr frame = TRY(frame_allocator.allocate());
    return frame_allocator.window().at<std::uint8_t>(frame);
}

void free_page(void* page)
{
    frame_allocator.free(frame_allocator.window().physical(page));
}

} // namespace

Result<Pipe*> Pipe::create()
{
    static_assert(sizeof(Pipe) + kRoomBehind <= kPageSize);
    if (existing == kMaximum) {
        return fail(Error::Enfile);
    }
    std::uint8_t* const page = TRY(allocate_page());
    ++existing;
    return new (page) Pipe;
}

void Pipe::destroy(Pipe& pipe)
{
    ASSERT(pipe.unused() && pipe.waiting_readers_.empty() && pipe.waiting_writers_.empty());
    for (std::uint64_t i = 0; i < pipe.pages_in_ring_; ++i) {
        if (pipe.pages_[i] != nullptr) {
            free_page(pipe.pages_[i]);
        }
    }
    if (pipe.spare_ != nullptr) {
        free_page(pipe.spare_);
    }
    free_page(&pipe);
    --existing;
}

void Pipe::open(const OpenFile& file)
{
    readers_ += file.readable ? 1 : 0;
    writers_ += file.writable ? 1 : 0;
}

void Pipe::close(const OpenFile& file)
{
    readers_ -= file.readable ? 1 : 0;
    writers_ -= file.writable ? 1 : 0;
    woken_readers();
    woken_writers();
}

void Pipe::woken_readers()
{
    loom.wake_all(waiting_readers_);
    readiness.tell();
}

void Pipe::woken_writers()
{
    loom.wake_all(waiting_writers_);
    readiness.tell();
}

/// The page that the next byte goes to.  ENOMEM.
Result<std::uint8_t*> Pipe::page_for_writing()
{
    std::uint8_t*& page = page_of(end_);
    if (page == nullptr) {
        page = spare_ != nullptr ? spare_ : TRY(allocate_page());
        spare_ = nullptr;
    }
    return page;
}

/// A page that has been read to its end.
void Pipe::drop_page(std::uint8_t*& page)
{
    if (spare_ == nullptr) {
        spare_ = page;
    } else {
        free_page(page);
    }
    page = nullptr;
}

/// Takes `count` bytes in, for which there is room.  EFAULT, ENOMEM: none.
Result<std::uint64_t> Pipe::put(VirtAddr from, std::uint64_t count)
{
    std::uint64_t done = 0;
    while (done < count) {
        const Result<std::uint8_t*> page = page_for_writing();
        if (!page) {
            return done > 0 ? Result<std::uint64_t>(done) : fail(page.error());
        }
        const std::uint64_t offset = end_ % kPageSize;
        const std::uint64_t step = base::min(count - done, kPageSize - offset);
        const std::uint64_t copied = copy_from_user({*page + offset, step}, from + done);
        end_ += copied;
        done += copied;
        if (copied < step) {
            break;
        }
    }
    return done > 0 ? Result<std::uint64_t>(done) : fail(Error::Efault);
}

/// Gives `count` bytes away, which are there.  EFAULT: none.
Result<std::uint64_t> Pipe::take(VirtAddr to, std::uint64_t count)
{
    std::uint64_t done = 0;
    while (done < count) {
        std::uint8_t*& page = page_of(begin_);
        const std::uint64_t offset = begin_ % kPageSize;
        const std::uint64_t step = base::min(count - done, kPageSize - offset);
        const std::uint64_t copied = copy_to_user(to + done, {page + offset, step});
        begin_ += copied;
        done += copied;
        const bool holds_newest = end_ > begin_ + capacity() - kPageSize; // in a nearly full ring, before the oldest
        if (offset + copied == kPageSize && !holds_newest) {
            drop_page(page);
        }
        if (copied < step) {
            break;
        }
    }
    if (begin_ == end_ && begin_ % kPageSize != 0) {
        // The next byte goes to the begin of the page that is here already.
        begin_ -= begin_ % kPageSize;
        end_ = begin_;
    }
    return done > 0 ? Result<std::uint64_t>(done) : fail(Error::Efault);
}

Result<std::uint64_t> Pipe::read(VirtAddr buffer, std::uint64_t count, bool block)
{
    if (count == 0) {
        return 0;
    }
    for (bool interrupted = false; size() == 0;) {
        if (writers_ == 0) {
            return 0;
        }
        if (!block || interrupted) {
            return fail(interrupted ? Error::Erestart : Error::Eagain);
        }
        interrupted = ends_call(loom.block(waiting_readers_));
    }
    const std::uint64_t done = TRY(take(buffer, base::min(count, size())));
    woken_writers();
    return done;
}

Result<std::uint64_t> Pipe::write(VirtAddr buffer, std::uint64_t count, bool block)
{
    std::uint64_t done = 0;
    bool interrupted = false;
    const std::uint64_t least = count <= kAtomic ? count : 1; // bytes of room that the next step needs
    while (done < count) {
        if (readers_ == 0) {
            harbor.send_to_current(uapi::Signal::Sigpipe);
            return done > 0 ? Result<std::uint64_t>(done) : fail(Error::Epipe);
        }
        if (room() < least) {
            if (!block || interrupted) {
                return done > 0 ? Result<std::uint64_t>(done) : fail(interrupted ? Error::Erestart : Error::Eagain);
            }
            interrupted = ends_call(loom.block(waiting_writers_));
            continue;
        }
        const std::uint64_t step = base::min(count - done, room());
        const Result<std::uint64_t> moved = put(buffer + done, step);
        if (!moved) {
            return done > 0 ? Result<std::uint64_t>(done) : moved;
        }
        done += *moved;
        woken_readers();
        if (*moved < step) {
            break;
        }
    }
    return done;
}

std::uint32_t Pipe::poll(const OpenFile& file) const
{
    namespace event = uapi::poll_event;
    std::uint32_t events = 0;
    if (file.readable) {
        events |= (size() > 0 ? event::kIn : 0U) | (writers_ == 0 ? event::kHangUp : 0U);
    }
    if (file.writable) {
        events |= (room() >= kAtomic ? event::kOut : 0U) | (readers_ == 0 ? event::kError : 0U);
    }
    return events;
}

Result<std::uint64_t> Pipe::set_capacity(std::uint64_t size_bytes)
{
    constexpr std::uint64_t kLargestRequest = std::uint64_t{1} << 31;
    if (size_bytes == 0 || size_bytes > kLargestRequest) {
        return fail(Error::Einval);
    }
    if (size_bytes > kLargestCapacity) {
        return fail(Error::Eperm);
    }
    std::uint64_t pages = 1;
    while (pages * kPageSize < size_bytes) {
        pages *= 2;
    }
    // Places begin again, in the first page.
    const std::uint64_t offset = begin_ % kPageSize, held = size();
    const std::uint64_t used = held == 0 ? 0 : (offset + held - 1) / kPageSize + 1;
    if (used > pages || used > pages_in_ring_) {
        return fail(Error::Ebusy);
    }
    std::uint8_t* ring[kMaximumPages] = {};
    for (std::uint64_t i = 0; i < used; ++i) {
        std::uint8_t*& page = page_of(begin_ + i * kPageSize);
        ring[i] = page;
        page = nullptr;
    }
    for (std::uint64_t i = 0; i < pages_in_ring_; ++i) {
        if (pages_[i] != nullptr) {
            free_page(pages_[i]);
            pages_[i] = nullptr;
        }
    }
    for (unsigned i = 0; i < kMaximumPages; ++i) {
        pages_[i] = ring[i];
    }
    pages_in_ring_ = pages;
    begin_ = used == 0 ? 0 : offset;
    end_ = begin_ + held;
    woken_writers();
    return capacity();
}

} // namespace kernel
