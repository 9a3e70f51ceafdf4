// SPDX-License-Identifier: MIT
// Reads one of the shell's lines from the console.
#pragma once

#include "base/string_view.h"

namespace kernel {

class LineEditor {
public:
    /// Shows `prompt` and waits for a line, of which what does not fit is dropped; ^C begins a new one.  The view is
    /// valid until the next call.
    base::StringView read(base::StringView prompt);

private:
    char buffer_[256];
};

} // namespace kernel
