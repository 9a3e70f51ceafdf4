// SPDX-License-Identifier: MIT
// System calls that send signals.  Signal 0 sends nothing and tells whether there is somebody to send to.
#pragma once

#include "base/result.h"

namespace kernel {

/// kill(2).  > 0: that Vessel; 0: the caller's group; -1: all but the shell's and the caller's; < -1: that group.
/// ESRCH: nobody.  EINVAL: no such signal.
base::Result<std::uint64_t> kill(std::uint64_t target, std::uint64_t signal);
/// tkill(2) and tgkill(2): the Vessel of that thread, for a signal by default concerns all of it.
/// EINVAL: a number that is not above 0, or no such signal.  ESRCH: no such thread, or not in that Vessel.
base::Result<std::uint64_t> tkill(std::uint64_t thread, std::uint64_t signal);
base::Result<std::uint64_t> tgkill(std::uint64_t vessel, std::uint64_t thread, std::uint64_t signal);

} // namespace kernel
