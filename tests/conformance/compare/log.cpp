// SPDX-License-Identifier: MIT
#include "conformance/compare/log.h"

#include <fstream>
#include <set>
#include <sstream>

namespace conformance {
namespace {

constexpr std::string_view kBegin = "conformance begins", kEnd = "conformance ends";

LogLine parse(const std::string& text)
{
    std::istringstream words(text);
    LogLine line;
    words >> line.name;
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        line.fields[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    return line;
}

} // namespace

std::expected<std::vector<LogLine>, std::string> parse_log(std::istream& file)
{
    std::vector<LogLine> lines;
    std::set<std::string> names;
    bool begun = false;
    for (std::string text; std::getline(file, text);) {
        if (text.ends_with('\r')) {
            text.pop_back();
        }
        if (!begun) {
            begun = text.ends_with(kBegin); // a boot loader may have left its last word on the line
            continue;
        }
        if (text.starts_with(kEnd)) {
            return lines;
        }
        lines.push_back(parse(text));
        if (!names.insert(lines.back().name).second) {
            return std::unexpected("two scenarios are called " + lines.back().name);
        }
    }
    if (!begun) {
        return std::unexpected("no line \"" + std::string(kBegin) + "\": the kernel did not start");
    }
    return std::unexpected("it ends after " + (lines.empty() ? "the first line" : lines.back().name) + ", without \"" +
                           std::string(kEnd) + "\"");
}

std::expected<std::vector<LogLine>, std::string> read_log(const std::string& path)
{
    std::ifstream file(path);
    auto lines = parse_log(file);
    if (!lines) {
        return std::unexpected(path + ": " + lines.error());
    }
    return lines;
}

} // namespace conformance
