// SPDX-License-Identifier: GPL-2.0-or-later
// One line of strace's output, taken apart without asking what its parts mean.  [strace(1)]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

struct StraceLine {
    enum class Kind : std::uint8_t {
        Call,       ///< "write(1, "x", 1) = 1"
        Unfinished, ///< "wait4(5,  <unfinished ...>": text is the beginning
        Resumed,    ///< "<... wait4 resumed>NULL, 0) = 5": name, and text is the end
        Signal,     ///< "--- SIGCHLD {...} ---": name
        Exited,     ///< "+++ exited with 3 +++": status
        Killed,     ///< "+++ killed by SIGSEGV (core dumped) +++": name
        Note,       ///< what strace says of itself: "strace: Process 5 attached"
        Other,      ///< none of these
    };
    Kind kind = Kind::Other;
    std::optional<std::uint64_t> process; ///< of "[pid 5] " or of "5 " in front
    std::string name;
    std::vector<std::string> arguments; ///< as they stand there; of clone "flags=..." and so on
    std::string result;                 ///< behind " = ", without what explains it: "-1 EFAULT", "0x7000", "?"
    std::uint64_t status = 0;
    std::string text;
};

/// What stands in front is taken off: the process, with -f; the time, with -r, -t, -tt and -ttt.
StraceLine read_strace_line(std::string_view line);

} // namespace ringcheck
