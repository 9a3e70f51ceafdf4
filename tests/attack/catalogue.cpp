// SPDX-License-Identifier: MIT
#include "attack/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>

namespace attack {
namespace {

std::string trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? ""
                                           : std::string(text.substr(begin, text.find_last_not_of(" \t") + 1 - begin));
}

std::string read_text(const std::filesystem::path& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(trimmed(text.substr(0, end)));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

/// `// expect`, what stands between it and the colon, and the outcome.
std::optional<Expectation> expectation_of(std::string_view line)
{
    constexpr std::string_view kWord = "// expect";
    if (!line.starts_with(kWord)) {
        return std::nullopt;
    }
    line.remove_prefix(kWord.size());
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    Expectation expectation{
        .argument = trimmed(line.substr(0, colon)), .column = {}, .outcome = trimmed(line.substr(colon + 1))};
    std::string& argument = expectation.argument;
    if (const auto in = (" " + argument).find(" in "); in != std::string::npos) {
        expectation.column = trimmed(std::string_view(argument).substr(in + 3));
        argument = trimmed(std::string_view(argument).substr(0, in));
    }
    return expectation;
}

std::string load_program(Entry& entry, const std::filesystem::path& folder)
{
    const std::string source = read_text(folder / "main.cpp");
    const std::vector<Attempt> attempts = attempts_of(folder.filename().string(), source);
    if (attempts.empty()) {
        return fmt::format("{}: no line '// expect: OUTCOME'", (folder / "main.cpp").string());
    }
    entry.attempts.insert(entry.attempts.end(), attempts.begin(), attempts.end());
    return "";
}

/// A file that is no program, and that the shell must refuse.
std::string load_malformed(Entry& entry, const std::filesystem::path& source, const std::string& name)
{
    const std::vector<Attempt> all = attempts_of("", read_text(source));
    const auto found = std::ranges::find(all, name, &Attempt::argument);
    if (found == all.end()) {
        return fmt::format("{}: no line '// expect {}: OUTCOME'", source.string(), name);
    }
    entry.attempts.push_back({name, "", found->expectations});
    return "";
}

/// One of the parts of a line's last field: "program NAME...", "file NAME...", "test NAME...", "check NAME...",
/// "none REASON".
std::string add_coverage(Entry& entry, const std::string& part, const std::filesystem::path& programs,
                         std::set<std::string>& used)
{
    std::istringstream words(part);
    std::string word;
    words >> word;
    if (word == "none") {
        std::getline(words, entry.not_here);
        entry.not_here = trimmed(entry.not_here);
        return entry.not_here.empty() ? "none needs a reason" : "";
    }
    if (word != "program" && word != "file" && word != "test" && word != "check") {
        return fmt::format("'{}' is neither program, file, test, check nor none", word);
    }
    unsigned names = 0;
    for (std::string name; words >> name; ++names) {
        if (word == "test" || word == "check") {
            (word == "test" ? entry.tests : entry.checks).push_back(name);
            continue;
        }
        used.insert(name);
        const std::string problem = word == "file"
                                        ? load_malformed(entry, programs.parent_path() / "malformed/main.cpp", name)
                                        : load_program(entry, programs / name);
        if (!problem.empty()) {
            return problem;
        }
    }
    return names != 0 ? "" : fmt::format("{} names nothing", word);
}

} // namespace

std::string Attempt::expected_in(std::string_view column) const
{
    const Expectation* found = nullptr;
    for (const Expectation& expectation : expectations) {
        if (column.starts_with(expectation.column) &&
            (found == nullptr || found->column.size() < expectation.column.size())) {
            found = &expectation;
        }
    }
    return found == nullptr ? "" : found->outcome;
}

std::vector<Attempt> attempts_of(const std::string& program, std::string_view source)
{
    std::vector<Attempt> attempts;
    std::istringstream lines{std::string(source)};
    for (std::string line; std::getline(lines, line);) {
        const auto expectation = expectation_of(line);
        if (!expectation) {
            continue;
        }
        const auto same = std::ranges::find(attempts, expectation->argument, &Attempt::argument);
        if (same != attempts.end()) {
            same->expectations.push_back(*expectation);
        } else {
            attempts.push_back({program, expectation->argument, {*expectation}});
        }
    }
    return attempts;
}

std::expected<std::vector<Entry>, std::string> load_catalogue(const std::filesystem::path& catalogue,
                                                              const std::filesystem::path& programs)
{
    std::vector<Entry> entries;
    std::set<std::string> used;
    std::istringstream lines(read_text(catalogue));
    unsigned number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        const std::vector<std::string> fields = split(line, '|');
        if (fields.size() != 4) {
            return std::unexpected(fmt::format("{}:{}: four fields are needed", catalogue.string(), number));
        }
        Entry entry{.id = fields[0],
                    .mark = fields[1],
                    .title = fields[2],
                    .is_long = fields[1].ends_with('l'),
                    .attempts = {},
                    .tests = {},
                    .checks = {},
                    .not_here = {}};
        for (const std::string& part : split(fields[3], ';')) {
            if (const auto problem = add_coverage(entry, part, programs, used); !problem.empty()) {
                return std::unexpected(fmt::format("{}:{}: {}", catalogue.string(), number, problem));
            }
        }
        entries.push_back(std::move(entry));
    }
    for (const auto& folder : std::filesystem::directory_iterator(programs)) {
        if (folder.is_directory() && !used.contains(folder.path().filename().string())) {
            return std::unexpected(fmt::format("{}: no id names this program", folder.path().string()));
        }
    }
    if (entries.empty()) {
        return std::unexpected(fmt::format("{}: no ids", catalogue.string()));
    }
    return entries;
}

} // namespace attack
