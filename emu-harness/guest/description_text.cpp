// SPDX-License-Identifier: GPL-2.0-or-later
// Follows comments and quotes as TOML has them.  [TOML 1.0.0 "Comment", "String"]  Where the text breaks TOML's rules
// the library stops before anything that was misjudged behind it.
#include "guest/description_text.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

enum class Inside : unsigned char { Nothing, Comment, Text, LongText };

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::optional<DescriptionError> scan()
    {
        std::size_t line = 1, line_begin = 0;
        unsigned dots = 0;
        for (std::size_t at = 0; at < text_.size(); ++at) {
            const char c = text_[at];
            const bool free = inside_ == Inside::Nothing || inside_ == Inside::LongText;
            const std::size_t column = at - line_begin + 1;
            if (free && static_cast<unsigned char>(c) >= 0x80) {
                return DescriptionError{line, column,
                                        "a character that is not ASCII may stand in a comment or in a "
                                        "text of one line only"};
            }
            if (inside_ == Inside::Nothing && c == '.' && ++dots > kMostDots) {
                return DescriptionError{
                    line, column, fmt::format("more than {} dots: no description nests its keys so deep", kMostDots)};
            }
            if (c == '\n') {
                ++line;
                line_begin = at + 1;
            }
            at += step(at, c) - 1;
        }
        return std::nullopt;
    }

private:
    bool has_three(std::size_t at) const
    {
        return at + 2 < text_.size() && text_[at + 1] == text_[at] && text_[at + 2] == text_[at];
    }

    /// An escaped quote or backslash: the escapes that hide an end.
    bool is_escape(std::size_t at) const
    {
        return quote_ == '"' && text_[at] == '\\' && at + 1 < text_.size() &&
               (text_[at + 1] == '"' || text_[at + 1] == '\\');
    }

    /// A quote behind a number or a word begins no text: the library reads on to the end of that value.
    bool may_begin_text(std::size_t at) const
    {
        constexpr std::string_view kInFront = " \t\r\n=[{,.";
        return at == 0 || kInFront.find(text_[at - 1]) != std::string_view::npos;
    }

    /// Bytes that belong together from `at` on; what they lead into.
    std::size_t step(std::size_t at, char c)
    {
        switch (inside_) {
        case Inside::Nothing:
            if ((c == '"' || c == '\'') && may_begin_text(at)) {
                quote_ = c;
                inside_ = has_three(at) ? Inside::LongText : Inside::Text;
                return inside_ == Inside::LongText ? 3 : 1;
            }
            inside_ = c == '#' ? Inside::Comment : Inside::Nothing;
            return 1;
        case Inside::Comment: inside_ = c == '\n' ? Inside::Nothing : Inside::Comment; return 1;
        case Inside::Text:
            if (is_escape(at)) {
                return 2;
            }
            inside_ = c == quote_ || c == '\n' ? Inside::Nothing : Inside::Text;
            return 1;
        case Inside::LongText: return step_in_long_text(at, c);
        }
        __builtin_unreachable();
    }

    std::size_t step_in_long_text(std::size_t at, char c)
    {
        if (is_escape(at)) {
            return 2;
        }
        if (c != quote_ || !has_three(at)) {
            return 1;
        }
        inside_ = Inside::Nothing;
        std::size_t quotes = 3; // up to two more before the end are part of the text
        while (quotes < 5 && at + quotes < text_.size() && text_[at + quotes] == quote_) {
            ++quotes;
        }
        return quotes;
    }

    std::string_view text_;
    Inside inside_ = Inside::Nothing;
    char quote_ = 0;
};

} // namespace

std::optional<DescriptionError> find_hostile_text(std::string_view text)
{
    return Scanner(text).scan();
}

} // namespace ringcheck
