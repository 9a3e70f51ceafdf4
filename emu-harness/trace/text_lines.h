// SPDX-License-Identifier: GPL-2.0-or-later
// A text file cut into lines, with everything refused that no trace and no log holds: NUL bytes, control characters,
// lines without end.  Parsers after it see printable lines of bounded length only.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

/// What is wrong in a text, and where; line and column count from 1, columns in bytes.
struct ParseError {
    unsigned line = 0, column = 0;
    std::string text;
    bool operator==(const ParseError&) const = default;
};

struct TextLine {
    unsigned number = 0;
    std::string_view text; ///< without its end; points into the text that was cut
};

enum class LineEnds : unsigned char {
    Lf,       ///< "\n" only: a file that people write
    LfOrCrLf, ///< also "\r\n": what a kernel sends out of a serial line
};

/// Bytes in one line; a call with six buffers of kBufferLimit escaped bytes fits.
inline constexpr std::size_t kLineLimit = 8192;

std::expected<std::vector<TextLine>, ParseError> cut_lines(std::string_view text, LineEnds ends);

} // namespace ringcheck
