// SPDX-License-Identifier: MIT
// What files need of the rest of the kernel, defined where it belongs, and faked in tests.
#pragma once

#include "base/result.h"
#include "uapi/time.h"

#include <cstdint>

namespace kernel {

class PageSource;

/// The time now, as files have it: the real-time clock.
uapi::TimeSpec file_time();

/// For a call that has more to do than may be done at once: lets others run until the next tick.
/// @return  EINTR: a signal came, or the thread is to end
base::Result<void> pause_long_call();

/// Lets those who wait for a lock look again.
void wake_lock_waiters();

/// Takes the pages of `source` from page `first` on out of the memory of all programs.
void forget_file_pages(const PageSource& source, std::uint64_t first);

} // namespace kernel
