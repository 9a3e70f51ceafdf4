// SPDX-License-Identifier: GPL-2.0-or-later
// A trace file that is to say what happened: what still holds stays as somebody wrote it, with its patterns, its layout
// and the comments around it.
#pragma once

#include "trace/trace.h"

#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

struct TraceUpdate {
    struct Change {
        unsigned line = 0;         ///< in the old text; of the line before, when there was none
        std::string before, after; ///< "": there was none, there is none any more
        bool operator==(const Change&) const = default;
    };
    std::string text;
    std::vector<Change> changes; ///< in the order of the text; empty: the two are the same
};

/// @param text    what parse_trace() made `expected` of
/// @param actual  what happened
TraceUpdate update_trace(std::string_view text, const Trace& expected, const Trace& actual);

} // namespace ringcheck
