// SPDX-License-Identifier: MIT
#include "trap/poll_set.h"

#include "process/loom.h"

#include <new>

namespace kernel {

namespace event = uapi::poll_event;

PollSet::~PollSet()
{
    for (Entry& entry : entries()) {
        if (entry.watch.list != nullptr) {
            entry.watch.list->remove(entry.watch);
        }
        if (entry.file != nullptr) {
            open_files.release(*entry.file);
        }
    }
    const arch::PhysAddr begin = frame_allocator.window().physical(entries_);
    for (std::uint32_t i = 0; i < frames_; ++i) {
        frame_allocator.free(begin + i * arch::kPageSize);
    }
}

base::Result<void> PollSet::reserve(std::uint32_t count)
{
    if (count > kFew) {
        const auto frames = static_cast<std::uint32_t>((count * sizeof(Entry) + arch::kPageSize - 1) / arch::kPageSize);
        const arch::PhysAddr begin = TRY(frame_allocator.allocate_contiguous(frames));
        entries_ = frame_allocator.window().at<Entry>(begin);
        frames_ = frames;
        for (std::uint32_t i = 0; i < count; ++i) {
            new (&entries_[i]) Entry;
        }
    }
    count_ = count;
    return {};
}

void PollSet::ask(Entry& entry, OpenFile& file, std::uint32_t events)
{
    OpenFileTable::hold(file);
    entry.file = &file;
    entry.asked = events;
}

/// How many entries are ready now.
std::uint32_t PollSet::look()
{
    std::uint32_t found = 0;
    for (Entry& entry : entries()) {
        if (entry.file == nullptr) {
            continue;
        }
        const std::uint32_t now = entry.file->inode->poll(*entry.file);
        const std::uint32_t all = now | ((now & event::kIn) != 0 ? event::kReadNormal : 0U) |
                                  ((now & event::kOut) != 0 ? event::kWriteNormal : 0U);
        entry.ready = all & (entry.asked | event::kError | event::kHangUp);
        found += entry.ready != 0 ? 1 : 0;
    }
    return found;
}

void PollSet::watch_all()
{
    if (watching_) {
        return;
    }
    watching_ = true;
    for (Entry& entry : entries()) {
        Readiness* const readiness = entry.file != nullptr ? entry.file->inode->readiness() : nullptr;
        if (readiness != nullptr) {
            entry.watch.thread = &loom.current();
            readiness->add(entry.watch);
        }
    }
}

base::Result<std::uint32_t> PollSet::wait(std::uint64_t deadline, bool ready_already)
{
    for (bool interrupted = false;;) {
        const std::uint32_t found = look();
        if (found > 0 || ready_already || deadline <= loom.now()) {
            return found;
        }
        if (interrupted) {
            return base::fail(uapi::Error::ErestartNoHandler);
        }
        watch_all();
        interrupted = ends_call(loom.sleep(deadline));
    }
}

} // namespace kernel
