// SPDX-License-Identifier: MIT
// Reads one of the shell's lines from the console.
#pragma once

#include "base/string_view.h"
#include "device/line_discipline.h"

namespace kernel {

class LineEditor {
public:
    /// Shows `prompt` and waits for a line.  The view is valid until the next call.
    base::StringView read(base::StringView prompt);

private:
    LineDiscipline line_;
};

} // namespace kernel
