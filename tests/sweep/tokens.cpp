// SPDX-License-Identifier: MIT
#include "sweep/tokens.h"

#include <algorithm>
#include <cctype>

namespace sweep {
namespace {

bool is_word(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '\'';
}

/// Where the literal that begins at `at` ends.
std::size_t end_of_literal(std::string_view source, std::size_t at)
{
    const char quote = source[at];
    std::size_t end = at + 1;
    while (end < source.size() && source[end] != quote) {
        end += source[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, source.size());
}

std::size_t end_of_punctuation(std::string_view source, std::size_t at)
{
    constexpr std::string_view kPairs[] = {"&&", "||", "==", "!=", "<=", ">=", "|=", "&=", "^=", "+=",
                                           "-=", "*=", "/=", "::", "->", "<<", ">>", "++", "--"};
    const std::string_view two = source.substr(at, 2);
    return at + (std::ranges::find(kPairs, two) != std::end(kPairs) ? 2 : 1);
}

} // namespace

std::vector<Token> tokens(std::string_view source)
{
    std::vector<Token> found;
    bool line_start = true;
    for (std::size_t at = 0; at < source.size();) {
        const char c = source[at];
        const std::string_view rest = source.substr(at);
        std::size_t end = at + 1;
        bool token = false;
        if (c == '\n' || std::isspace(static_cast<unsigned char>(c)) != 0) {
            line_start |= c == '\n';
            at = end;
            continue;
        }
        if (rest.starts_with("//") || (c == '#' && line_start)) {
            end = std::min(source.find('\n', at), source.size());
        } else if (c == '"' || c == '\'') {
            end = end_of_literal(source, at);
            token = true;
        } else if (is_word(c)) {
            end = static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_word) - source.begin());
            token = true;
        } else {
            end = end_of_punctuation(source, at);
            token = true;
        }
        if (token) {
            found.push_back({at, source.substr(at, end - at)});
        }
        line_start = false;
        at = end;
    }
    return found;
}

} // namespace sweep
