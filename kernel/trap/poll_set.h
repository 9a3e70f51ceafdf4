// SPDX-License-Identifier: MIT
// Several open files that one call waits for: poll(2), select(2).
// Invariant: the files stay open, and the watches stand in their lists, only as long as this object lives.
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "fs/open_file.h"
#include "fs/readiness.h"
#include "mm/kernel_memory.h"

#include <cstdint>

namespace kernel {

class PollSet {
public:
    struct Entry {
        OpenFile* file = nullptr; ///< nullptr: nothing is asked of this place
        std::uint32_t asked = 0;  ///< of uapi::poll_event
        std::uint32_t ready = 0;  ///< of what was asked, and of what always counts
        ReadinessWatch watch;
    };

    PollSet() = default;
    PollSet(const PollSet&) = delete;
    PollSet& operator=(const PollSet&) = delete;
    ~PollSet();

    /// Room for `count` entries, at most DescriptorTable::kMaximum.  ENOMEM.
    base::Result<void> reserve(std::uint32_t count);
    base::Span<Entry> entries() { return {entries_, count_}; }
    /// Asks for `events` of an open file.
    static void ask(Entry& entry, OpenFile& file, std::uint32_t events);

    /// Waits until one entry is ready at least, or the tick `deadline` comes.
    /// @param ready_already  somebody else found an entry that need not be waited for
    /// @return entries that are ready.  ErestartNoHandler: the calling thread is to end, or a signal came.
    base::Result<std::uint32_t> wait(std::uint64_t deadline, bool ready_already);

private:
    static constexpr std::uint32_t kFew = 8;

    std::uint32_t look();
    void watch_all();

    Entry few_[kFew];
    Entry* entries_ = few_;
    std::uint32_t count_ = 0;
    std::uint32_t frames_ = 0; ///< that entries_ takes when they are not few
    bool watching_ = false;
};

} // namespace kernel
