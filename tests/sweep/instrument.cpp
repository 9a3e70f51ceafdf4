// SPDX-License-Identifier: MIT
// Rewrites the model's sources so that each of their conditions can be disabled while the program runs.
//   instrument OUT_DIR SOURCE...
// Writes OUT_DIR/model/<name> for each source, and OUT_DIR/checks.inc: a line CHECK(number, file, line, kind, text) for
// each condition.  The sources are formatted C++ without tricks: tokens suffice, no syntax tree is needed.
//   if (C)          the branch is never taken
//   C ? a : b       the first value is never taken
//   ... && C && ... this part is not asked for
//   ... || C || ... this part is not asked for
#include "sweep/tokens.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using sweep::Token;

enum class Kind { If, Choice, And, Or };

struct Check {
    Kind kind;
    std::size_t begin, end;         ///< the condition, as bytes of the file
    std::string_view declared = {}; ///< the name that an `if` declares in place of a condition
};

std::string_view name(Kind kind)
{
    switch (kind) {
    case Kind::If: return "if";
    case Kind::Choice: return "?:";
    case Kind::And: return "&&";
    case Kind::Or: return "||";
    }
    return "";
}

bool opens(std::string_view text)
{
    return text == "(" || text == "[" || text == "{";
}

bool closes(std::string_view text)
{
    return text == ")" || text == "]" || text == "}";
}

/// The token index where the bracket that `from` stands in closes; going down when `down`, to where it opens.
std::size_t leave(const std::vector<Token>& tokens, std::size_t from, bool down, auto stops_at)
{
    int depth = 0;
    for (std::size_t i = from;; down ? --i : ++i) {
        const std::string_view text = tokens[i].text;
        const bool inner = down ? closes(text) : opens(text), outer = down ? opens(text) : closes(text);
        if (depth == 0 && (outer || stops_at(text))) {
            return i;
        }
        depth += inner ? 1 : outer ? -1 : 0;
    }
}

bool bounds_operand(std::string_view text)
{
    constexpr std::string_view kBounds[] = {"&&", "||", "?", ":", ",", ";", "=", "|=", "&=", "return"};
    return std::ranges::find(kBounds, text) != std::end(kBounds);
}

/// The operand before or behind the operator at `at`.
Check operand(const std::vector<Token>& tokens, std::size_t at, bool before, Kind kind)
{
    const std::size_t bound = leave(tokens, before ? at - 1 : at + 1, before, bounds_operand);
    return before ? Check{kind, tokens[bound + 1].begin, tokens[at - 1].end()}
                  : Check{kind, tokens[at + 1].begin, tokens[bound - 1].end()};
}

/// The condition of the `if` at `at`, without its initialiser.
std::optional<Check> if_condition(const std::vector<Token>& tokens, std::size_t at)
{
    const std::size_t open = at + 1;
    if (tokens[open].text != "(") {
        return std::nullopt; // if constexpr, if consteval
    }
    std::size_t first = open + 1;
    std::size_t last = leave(tokens, first, false, [](std::string_view text) { return text == ";"; });
    if (tokens[last].text == ";") {
        first = last + 1;
        last = leave(tokens, first, false, [](std::string_view) { return false; });
    }
    Check check{Kind::If, tokens[first].begin, tokens[last - 1].end()};
    const std::size_t equals = leave(tokens, first, false, [](std::string_view text) { return text == "="; });
    if (equals < last) {
        check.declared = tokens[equals - 1].text;
    }
    return check;
}

/// `? :` takes everything up to the assignment or bracket before it, so && and || do not bound its condition.
Check choice_condition(const std::vector<Token>& tokens, std::size_t at)
{
    const std::size_t bound = leave(tokens, at - 1, true, [](std::string_view text) {
        return bounds_operand(text) && text != "&&" && text != "||";
    });
    return {Kind::Choice, tokens[bound + 1].begin, tokens[at - 1].end()};
}

std::vector<Check> find_checks(const std::vector<Token>& tokens)
{
    std::vector<Check> checks;
    for (std::size_t i = 0; i != tokens.size(); ++i) {
        const std::string_view text = tokens[i].text;
        if (text == "if") {
            if (const auto check = if_condition(tokens, i)) {
                checks.push_back(*check);
            }
        } else if (text == "?") {
            checks.push_back(choice_condition(tokens, i));
        } else if (text == "&&" || text == "||") {
            const Kind kind = text == "&&" ? Kind::And : Kind::Or;
            const Check before = operand(tokens, i, true, kind);
            const bool seen = std::ranges::any_of(checks, [&](const Check& check) {
                return check.kind == kind && check.begin == before.begin && check.end == before.end;
            });
            if (!seen) { // as what follows the operator before
                checks.push_back(before);
            }
            checks.push_back(operand(tokens, i, false, kind));
        }
    }
    std::ranges::sort(checks, [](const Check& left, const Check& right) {
        return left.begin != right.begin ? left.begin < right.begin : left.end > right.end;
    });
    return checks;
}

std::string off(std::size_t number)
{
    return "sweep::off(" + std::to_string(number) + ")";
}

std::string opening(const Check& check, std::size_t number)
{
    if (!check.declared.empty()) {
        return "";
    }
    return check.kind == Kind::And ? "(" + off(number) + " || (" : "(!" + off(number) + " && (";
}

std::string closing(const Check& check, std::size_t number)
{
    return check.declared.empty() ? "))" : "; !" + off(number) + " && (" + std::string(check.declared) + ")";
}

/// @param checks  outer before inner, numbered from `first` on
std::string rewrite(const std::string& source, const std::vector<Check>& checks, std::size_t first)
{
    std::string out = "#include \"sweep/off.h\"\n#line 1\n";
    for (std::size_t at = 0; at <= source.size(); ++at) {
        for (std::size_t i = checks.size(); i-- != 0;) {
            if (checks[i].end == at) {
                out += closing(checks[i], first + i);
            }
        }
        for (std::size_t i = 0; i != checks.size(); ++i) {
            if (checks[i].begin == at) {
                out += opening(checks[i], first + i);
            }
        }
        out += at < source.size() ? std::string(1, source[at]) : "";
    }
    return out;
}

/// On one line, and fit for a string literal.
std::string quoted(std::string_view text)
{
    std::string out = "\"";
    bool space = false;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n';
        if (blank && space) {
            continue;
        }
        space = blank;
        out += blank ? ' ' : c;
    }
    return out + "\"";
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::cerr << "usage: instrument OUT_DIR SOURCE...\n";
        return 2;
    }
    const std::filesystem::path out_dir = argv[1];
    std::filesystem::create_directories(out_dir / "model");
    std::ofstream list(out_dir / "checks.inc");
    std::size_t number = 0;
    for (int i = 2; i != argc; ++i) {
        const std::filesystem::path path = argv[i];
        std::ifstream in(path, std::ios::binary);
        const std::string source{std::istreambuf_iterator<char>(in), {}};
        if (!in || source.empty()) {
            std::cerr << path << ": cannot be read\n";
            return 1;
        }
        const auto checks = find_checks(sweep::tokens(source));
        std::ofstream(out_dir / "model" / path.filename(), std::ios::binary) << rewrite(source, checks, number);
        for (const Check& check : checks) {
            const auto line =
                1 + std::ranges::count(source.begin(), source.begin() + static_cast<long>(check.begin), '\n');
            const std::string_view text = std::string_view(source).substr(check.begin, check.end - check.begin);
            list << "CHECK(" << number++ << ", \"" << path.filename().string() << "\", " << line << ", \""
                 << name(check.kind) << "\", " << quoted(text) << ")\n";
        }
    }
    return list.flush() ? 0 : 1;
}
