// SPDX-License-Identifier: MIT
// A line while it is typed: echo, backspace, ^U, and what ends it.  [termios(3) "Canonical and noncanonical mode"]
#pragma once

#include "base/format.h"
#include "base/string_view.h"

#include <cstddef>
#include <cstdint>

namespace kernel {

class LineDiscipline {
public:
    /// Bytes of a line, its newline not counted; what is typed beyond is dropped, as is what is not printable ASCII.
    static constexpr std::size_t kLongestLine = 255;

    enum class Event : std::uint8_t {
        None,
        Line,       ///< a newline, which is part of text()
        EndOfInput, ///< ^D: text() is handed over as it is; empty, it is the end of a file
        Interrupt,  ///< ^C: text() is empty again
    };

    /// Takes the next character, and shows on `echo` what it does.  After a Line comes clear().
    Event take(char character, base::Writer& echo);
    base::StringView text() const { return {line_, used_}; }
    void clear() { used_ = 0; }

private:
    void drop_last(std::size_t count, base::Writer& echo);

    char line_[kLongestLine + 1] = {};
    std::size_t used_ = 0;
};

} // namespace kernel
