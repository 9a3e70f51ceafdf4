// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check_report.h"

#include "cli/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

namespace ringcheck::cli {
namespace {

using Outcome = CheckCase::Outcome;

/// Bytes of the UTF-8 character that `text` begins with; 0 when it begins with none that XML allows.
std::size_t character_length(std::string_view text)
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return first >= 0x20 || first == '\t' || first == '\n' ? (first != 0x7f) : 0;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) {
        return 0;
    }
    std::uint32_t code = first & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0u) != 0x80) {
            return 0;
        }
        code = code << 6 | (byte(i) & 0x3fu);
    }
    const std::uint32_t smallest = length == 4 ? 0x1'0000 : length == 3 ? 0x800 : 0x80;
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code >= smallest && code <= 0x10'ffff && !surrogate && code != 0xfffe && code != 0xffff ? length : 0;
}

std::vector<std::string> suites_of(const std::vector<CheckCase>& cases)
{
    std::vector<std::string> suites;
    for (const CheckCase& one : cases) {
        if (std::ranges::find(suites, one.suite) == suites.end()) {
            suites.push_back(one.suite);
        }
    }
    return suites;
}

std::string indented(const std::string& text, const char* indent)
{
    std::string result;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        result += fmt::format("{}{}\n", line.empty() ? "" : indent, line);
    }
    return result;
}

void set(pugi::xml_node node, const char* name, const std::string& value)
{
    node.append_attribute(name).set_value(xml_characters(value).c_str());
}

void set_totals(pugi::xml_node node, const std::vector<CheckCase>& cases)
{
    const CheckTotals totals = count_cases(cases);
    double seconds = 0;
    for (const CheckCase& one : cases) {
        seconds += one.seconds;
    }
    node.append_attribute("tests").set_value(cases.size());
    node.append_attribute("failures").set_value(totals.failed);
    node.append_attribute("errors").set_value(0);
    node.append_attribute("skipped").set_value(totals.skipped);
    set(node, "time", fmt::format("{:.3f}", seconds));
}

void add_case(pugi::xml_node suite, const CheckCase& one)
{
    pugi::xml_node node = suite.append_child("testcase");
    set(node, "classname", "ringcheck." + one.suite);
    set(node, "name", one.name);
    set(node, "time", fmt::format("{:.3f}", one.seconds));
    if (one.outcome == Outcome::Skipped) {
        set(node.append_child("skipped"), "message", one.message);
    } else if (one.outcome == Outcome::Failed) {
        pugi::xml_node failure = node.append_child("failure");
        set(failure, "message", one.message);
        set(failure, "type", one.suite == "rules" ? "violation" : "failure");
        failure.text().set(xml_characters(one.details).c_str());
    }
}

} // namespace

const char* to_string(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Passed: return "passed";
    case Outcome::Failed: return "failed";
    case Outcome::Skipped: return "skipped";
    }
    return "";
}

CheckTotals count_cases(const std::vector<CheckCase>& cases)
{
    CheckTotals totals;
    for (const CheckCase& one : cases) {
        (one.outcome == Outcome::Passed   ? totals.passed
         : one.outcome == Outcome::Failed ? totals.failed
                                          : totals.skipped) += 1;
    }
    return totals;
}

std::string xml_characters(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        }
        result += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

std::string check_text(const std::vector<CheckCase>& cases)
{
    std::size_t suite_width = 0, name_width = 0;
    for (const CheckCase& one : cases) {
        suite_width = std::max(suite_width, one.suite.size());
        name_width = std::max(name_width, one.name.size());
    }
    std::string text;
    for (const CheckCase& one : cases) {
        const bool passed = one.outcome == Outcome::Passed, failed = one.outcome == Outcome::Failed;
        text += fmt::format("{}  {:<{}}  {:<{}}  {}\n",
                            passed   ? on_stdout(Colour::Good, "pass")
                            : failed ? on_stdout(Colour::Bad, "FAIL")
                                     : "skip",
                            one.suite, suite_width, one.name, one.message.empty() ? 0 : name_width, one.message);
        text.erase(text.find_last_not_of(" \n") + 1);
        text += "\n" + indented(one.details, "      ");
    }
    const CheckTotals totals = count_cases(cases);
    return text + fmt::format("{} cases: {} passed, {} failed, {} skipped\n", cases.size(), totals.passed,
                              totals.failed, totals.skipped);
}

std::string check_tap(const std::vector<CheckCase>& cases)
{
    std::string text = fmt::format("TAP version 13\n1..{}\n", cases.size());
    std::size_t number = 0;
    for (const CheckCase& one : cases) {
        std::string name = fmt::format("{} {}", one.suite, one.name);
        std::ranges::replace(name, '#', '_'); // begins a directive
        std::ranges::replace(name, '\n', ' ');
        const bool failed = one.outcome == Outcome::Failed;
        text += fmt::format("{}ok {} - {}{}\n", failed ? "not " : "", ++number, name,
                            one.outcome == Outcome::Skipped ? " # SKIP " + one.message : "");
        if (failed) {
            text += "  ---\n  message: |\n" + indented(one.message + "\n" + one.details, "    ") + "  ...\n";
        }
    }
    return text;
}

std::string check_junit(const std::vector<CheckCase>& cases)
{
    pugi::xml_document document;
    pugi::xml_node declaration = document.append_child(pugi::node_declaration);
    set(declaration, "version", "1.0");
    set(declaration, "encoding", "UTF-8");
    pugi::xml_node root = document.append_child("testsuites");
    set(root, "name", "ringcheck");
    set_totals(root, cases);
    for (const std::string& name : suites_of(cases)) {
        std::vector<CheckCase> of_suite;
        std::ranges::copy_if(cases, std::back_inserter(of_suite),
                             [&name](const CheckCase& one) { return one.suite == name; });
        pugi::xml_node suite = root.append_child("testsuite");
        set(suite, "name", name);
        set_totals(suite, of_suite);
        for (const CheckCase& one : of_suite) {
            add_case(suite, one);
        }
    }
    std::ostringstream text;
    document.save(text, "  ");
    return text.str();
}

} // namespace ringcheck::cli
