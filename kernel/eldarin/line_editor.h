// SPDX-License-Identifier: MIT
// Reads one line from the console, with echo, backspace, ^U and ^C.
#pragma once

#include "base/string_view.h"

#include <cstddef>

namespace kernel {

class LineEditor {
public:
    /// Shows `prompt` and waits for a line.  The view is valid until the next call.
    base::StringView read(base::StringView prompt);

private:
    static constexpr std::size_t kLongestLine = 255;

    char line_[kLongestLine] = {};
};

} // namespace kernel
