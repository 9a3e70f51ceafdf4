// SPDX-License-Identifier: GPL-2.0-or-later
// The first difference between what a trace says and what happened.
#pragma once

#include "trace/trace.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

struct Difference {
    unsigned line = 0;                ///< of the expected event in its file; of the last one when it is missing there
    std::string summary;              ///< "syscall differs from the recording"
    std::string expected, actual;     ///< the two events, without their first word when both have the same
    std::optional<std::size_t> caret; ///< column, from 0, in `actual` where the difference begins
    std::string part;                 ///< what is different there: "result", "argument 2", "address"
    std::vector<std::string> before;  ///< the last events that were alike, oldest first; at most two
    std::vector<std::string> expected_then, actual_then; ///< what comes behind on either side; at most two
    std::optional<std::uint64_t> count; ///< when the actual event happened: instructions retired before it

    bool operator==(const Difference&) const = default;
};

/// Whether what is expected fits what happened, each `$name` of it whatever it may stand for elsewhere.
bool alike(const Event& expected, const Event& actual);
bool alike(const Argument& expected, const Argument& actual);
bool alike(const SyscallResult& expected, const SyscallResult& actual);
bool alike(const StructureField::Value& expected, const StructureField::Value& actual);

/// nullopt when the two are alike.
/// @param actual_end  why `actual` stops when it has no exit: "the machine shut down"; shown as its last event
std::optional<Difference> compare_traces(const Trace& expected, const Trace& actual,
                                         const std::string& actual_end = "");

/// "PATH:LINE: error: ..." and the lines under it, with `note` (what to do next) at the end when it is not empty.
std::string format_difference(const std::string& path, const Difference& difference, const std::string& note);

} // namespace ringcheck
