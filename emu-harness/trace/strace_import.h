// SPDX-License-Identifier: GPL-2.0-or-later
// A trace out of what strace printed of the same program on Linux.  What strace does not say, or what is somewhere else
// in each run, becomes a pattern; what has no place in a trace is left out and reported.
#pragma once

#include "guest/syscall_convention.h"
#include "trace/text_lines.h"
#include "trace/trace.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

struct StraceSkip {
    unsigned line = 0;
    std::string why, text; ///< the line's beginning
    bool operator==(const StraceSkip&) const = default;
};

struct StraceImport {
    Trace trace; ///< of the first process, complete
    std::vector<StraceSkip> skipped;
};

/// Bytes that a line of strace's may have, and all of them together.
inline constexpr std::size_t kStraceLineLimit = 1 << 20, kStraceLimit = 64 << 20;

/// How the guest's traces write an address that is no pattern.
using NameAddress = std::function<Argument(std::uint64_t)>;

/// @param convention  the calls that the guest knows, with the kinds of their arguments
/// @param program     the trace's
/// @param entry       its first instruction
/// Fails with the place: a NUL byte or a line that is too long, no call at all, or no line that says how the first
/// process ended.
std::expected<StraceImport, ParseError> import_strace(std::string_view text, const SyscallConvention& convention,
                                                      const NameAddress& name, const std::string& program,
                                                      const Address& entry);

} // namespace ringcheck
