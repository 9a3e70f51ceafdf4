// SPDX-License-Identifier: GPL-2.0-or-later
// The first thing that is wrong wins, in the order of the file.
#include "trace/text_lines.h"

#include <fmt/format.h>

#include <optional>

namespace ringcheck {
namespace {

std::optional<ParseError> find_fault(std::string_view line, unsigned number)
{
    for (std::size_t i = 0; i < line.size() && i < kLineLimit; ++i) {
        const auto c = static_cast<unsigned char>(line[i]);
        const auto column = static_cast<unsigned>(i + 1);
        if (c == 0) {
            return ParseError{number, column, "a NUL byte: this is not a text file"};
        }
        if (c == '\r' && i + 1 == line.size()) {
            return ParseError{number, column, "the line ends with CR LF; here lines end with LF alone"};
        }
        if (c == 0x7f || (c < ' ' && c != '\t')) {
            return ParseError{number, column, fmt::format("control character {:#04x}", c)};
        }
    }
    if (line.size() > kLineLimit) {
        return ParseError{number, static_cast<unsigned>(kLineLimit + 1),
                          fmt::format("the line has {} bytes, more than {}", line.size(), kLineLimit)};
    }
    return std::nullopt;
}

} // namespace

std::expected<std::vector<TextLine>, ParseError> cut_lines(std::string_view text, LineEnds ends)
{
    std::vector<TextLine> lines;
    unsigned number = 0;
    while (!text.empty()) {
        ++number;
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (ends == LineEnds::LfOrCrLf && end != std::string_view::npos && line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (auto fault = find_fault(line, number)) {
            return std::unexpected(std::move(*fault));
        }
        if (end == std::string_view::npos) {
            return std::unexpected(ParseError{number, static_cast<unsigned>(line.size() + 1),
                                              "the file ends inside this line: is it cut off?"});
        }
        lines.push_back({number, line});
        text.remove_prefix(end + 1);
    }
    return lines;
}

} // namespace ringcheck
