// SPDX-License-Identifier: MIT
// The first line of a script, "#!INTERPRETER [ARGUMENT]".  [execve(2) "Interpreter scripts"]
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"

namespace kernel {

/// The line's own copy of what it says: a file may change.
class ScriptLine {
public:
    /// As much of a file is looked at.  [Linux uapi linux/binfmts.h "BINPRM_BUF_SIZE"]
    static constexpr std::size_t kMaximumLength = 256;

    /// The file begins as a script does.
    static bool begins(base::Bytes file);

    /// Reads the line of such a file.  ENOEXEC: it names no interpreter, or its name may go on behind kMaximumLength.
    base::Result<void> read(base::Bytes file);

    base::StringView interpreter() const { return interpreter_.in(text_); }
    /// All that follows the interpreter, without blanks around it; it is one argument.
    bool has_argument() const { return argument_.length != 0; }
    base::StringView argument() const { return argument_.in(text_); }

private:
    /// A part of the line, which stays right when the line is copied.
    struct Part {
        std::size_t begin = 0, length = 0;

        base::StringView in(const char* text) const { return {text + begin, length}; }
    };
    Part part(base::StringView text) const { return {static_cast<std::size_t>(text.data() - text_), text.size()}; }

    char text_[kMaximumLength] = {};
    Part interpreter_, argument_;
};

} // namespace kernel
