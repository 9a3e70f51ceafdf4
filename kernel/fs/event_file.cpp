// SPDX-License-Identifier: MIT
#include "fs/event_file.h"

#include "cpu/user_copy.h"
#include "fs/file_space.h"
#include "fs/open_file.h"
#include "mm/object_allocator.h"
#include "process/loom.h"

#include <new>

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

EventFile::EventFile(std::uint64_t value, bool semaphore)
    : Inode({.kind = FileKind::CharacterDevice, .permissions = 0600, .device = device_id::kPipes, .stream = true}),
      value_(value), semaphore_(semaphore)
{
    links = 0; // no directory leads here
}

Result<InodeRef> EventFile::create(std::uint64_t value, bool semaphore)
{
    void* const memory = TRY(objects.allocate(sizeof(EventFile)));
    return InodeRef(*new (memory) EventFile(value, semaphore));
}

void EventFile::vanish()
{
    this->~EventFile();
    objects.free(this, sizeof(EventFile));
}

void EventFile::changed_value()
{
    loom.wake_all(waiters_);
    readiness_.tell();
}

Result<std::uint64_t> EventFile::read(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    if (count < sizeof value_) {
        return fail(Error::Einval);
    }
    for (bool interrupted = false; value_ == 0;) {
        if (!file.blocks() || interrupted) {
            return fail(interrupted ? Error::Erestart : Error::Eagain);
        }
        interrupted = ends_call(loom.block(waiters_));
    }
    const std::uint64_t taken = semaphore_ ? 1 : value_;
    TRY(write_user(buffer, taken));
    value_ -= taken;
    changed_value();
    return sizeof taken;
}

Result<std::uint64_t> EventFile::write(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    if (count < sizeof value_) {
        return fail(Error::Einval);
    }
    const auto added = TRY(read_user<std::uint64_t>(buffer));
    if (added > kLargest) {
        return fail(Error::Einval);
    }
    for (bool interrupted = false; added > kLargest - value_;) {
        if (!file.blocks() || interrupted) {
            return fail(interrupted ? Error::Erestart : Error::Eagain);
        }
        interrupted = ends_call(loom.block(waiters_));
    }
    value_ += added;
    changed_value();
    return sizeof added;
}

std::uint32_t EventFile::poll(const OpenFile&) const
{
    return (value_ > 0 ? uapi::poll_event::kIn : 0U) | (value_ < kLargest ? uapi::poll_event::kOut : 0U);
}

} // namespace kernel
