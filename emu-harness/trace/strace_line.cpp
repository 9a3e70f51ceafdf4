// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/strace_line.h"

#include "trace/trace.h"

#include <algorithm>
#include <charconv>

namespace ringcheck {
namespace {

using Kind = StraceLine::Kind;

void skip_blanks(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

std::string_view trimmed(std::string_view text)
{
    skip_blanks(text);
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

bool take(std::string_view& text, std::string_view begin)
{
    if (!text.starts_with(begin)) {
        return false;
    }
    text.remove_prefix(begin.size());
    return true;
}

std::optional<std::uint64_t> take_number(std::string_view& text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// "12:34:56", "12:34:56.123456", "1700000000.123456", "0.000123", and the blank behind it.
void take_time(std::string_view& text)
{
    const std::size_t end = text.find_first_not_of("0123456789:.");
    const std::string_view time = text.substr(0, end);
    if (end != std::string_view::npos && text[end] == ' ' && time.find_first_of(":.") != std::string_view::npos) {
        text.remove_prefix(end);
        skip_blanks(text);
    }
}

std::optional<std::uint64_t> take_process(std::string_view& text)
{
    std::string_view rest = text;
    const bool bracket = take(rest, "[pid ");
    skip_blanks(rest);
    const auto number = take_number(rest);
    if (!number || !take(rest, bracket ? "]" : " ")) {
        return std::nullopt;
    }
    skip_blanks(rest);
    text = rest;
    return number;
}

/// Where a string that begins at `at` ends, one behind its quote.
std::size_t end_of_string(std::string_view text, std::size_t at)
{
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    return text.size();
}

/// Cuts "a, {b, c}, "d,e")" at its commas.  @return what is behind the closing parenthesis; nullopt: there is none
std::optional<std::string_view> cut_arguments(std::string_view text, std::vector<std::string>& arguments)
{
    int depth = 0;
    std::size_t begin = 0;
    const auto end_one = [&](std::size_t end) {
        const std::string_view one = trimmed(text.substr(begin, end - begin));
        if (!one.empty() || !arguments.empty()) {
            arguments.emplace_back(one);
        }
        begin = end + 1;
    };
    for (std::size_t at = 0; at < text.size();) {
        const char character = text[at];
        if (character == '"') {
            at = end_of_string(text, at);
            continue;
        }
        if (text.substr(at).starts_with("/*")) {
            at = std::min(text.find("*/", at), text.size());
            continue;
        }
        if (character == '(' || character == '[' || character == '{') {
            ++depth;
        } else if (character == ']' || character == '}' || (character == ')' && depth > 0)) {
            --depth;
        } else if (character == ')') {
            end_one(at);
            return text.substr(at + 1);
        } else if (character == ',' && depth == 0) {
            end_one(at);
        }
        ++at;
    }
    return std::nullopt;
}

/// Of a signal or an error.
bool is_name(std::string_view text)
{
    constexpr std::size_t kLongest = 32;
    return is_word(text) && text.size() <= kLongest;
}

bool read_call(std::string_view text, StraceLine& line)
{
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos || !is_word(text.substr(0, open))) {
        return false;
    }
    line.name = text.substr(0, open);
    const auto behind = cut_arguments(text.substr(open + 1), line.arguments);
    if (!behind) {
        return false;
    }
    std::string_view result = trimmed(*behind);
    if (!take(result, "= ")) {
        return false;
    }
    result = trimmed(result);
    // "-1 EFAULT (Bad address)", "0x1 (flags ...)", "? ERESTARTSYS (To be restarted)", "5</dev/tty>"
    const std::size_t words = result.starts_with("-1 ") || result.starts_with("? ") ? 2 : 1;
    std::size_t end = 0;
    for (std::size_t word = 0; word < words; ++word) {
        end = std::min(result.find_first_of(" <", word == 0 ? end : end + 1), result.size());
    }
    line.result = result.substr(0, end);
    const bool error = line.result.starts_with("-1 ");
    return !line.result.empty() && (!error || is_name(std::string_view(line.result).substr(3)));
}

} // namespace

StraceLine read_strace_line(std::string_view text)
{
    StraceLine line;
    skip_blanks(text);
    take_time(text);
    line.process = take_process(text);
    take_time(text);
    line.text = text;
    if (text.starts_with("strace: ")) {
        line.kind = Kind::Note;
    } else if (std::string_view rest = text; take(rest, "--- ")) {
        line.name = rest.substr(0, rest.find(' '));
        line.kind = text.ends_with(" ---") && is_word(line.name) ? Kind::Signal : Kind::Other;
    } else if (take(rest, "+++ exited with ")) {
        const auto status = take_number(rest);
        line.status = status.value_or(0);
        line.kind = line.status <= 0xff && status && rest == " +++" ? Kind::Exited : Kind::Other;
    } else if (take(rest, "+++ killed by ")) {
        line.name = rest.substr(0, rest.find(' '));
        line.kind = text.ends_with(" +++") && is_name(line.name) ? Kind::Killed : Kind::Other;
    } else if (take(rest, "<... ")) {
        const std::size_t end = rest.find(" resumed>");
        if (end != std::string_view::npos) {
            line.kind = Kind::Resumed;
            line.name = rest.substr(0, end);
            line.text = rest.substr(end + std::string_view(" resumed>").size());
        }
    } else if (const std::size_t end = text.rfind(" <unfinished ...>");
               end != std::string_view::npos && text.ends_with("<unfinished ...>")) {
        line.kind = Kind::Unfinished;
        line.text = text.substr(0, end);
        line.name = line.text.substr(0, line.text.find('('));
    } else if (read_call(text, line)) {
        line.kind = Kind::Call;
    }
    return line;
}

} // namespace ringcheck
