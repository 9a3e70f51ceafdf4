// SPDX-License-Identifier: MIT
// What the kernel is attacked with: the ids of catalogue.txt, the programs that are named after them, and the outcome
// that each program's source expects.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace attack {

/// A line `// expect ARGUMENT in COLUMN: OUTCOME` of a program's source.
struct Expectation {
    std::string argument; ///< what the program is started with; "": nothing
    std::string column;   ///< holds in columns whose name begins so; "": in all that have no line of their own
    std::string outcome;  ///< what the kernel's line about its end begins with
};

/// One run of a hostile program.
struct Attempt {
    std::string program, argument;
    std::vector<Expectation> expectations;

    /// It computes until the timer has interrupted it, or takes all there is of something: too long for a look at each
    /// instruction.
    bool is_long() const { return argument.starts_with("timer") || argument.starts_with("many_"); }
    std::string command() const { return "run " + program + (argument.empty() ? "" : " " + argument); }
    /// What must become of it in `column`; "" when nothing is said.
    std::string expected_in(std::string_view column) const;
};

struct Entry {
    std::string id, mark, title;
    bool is_long = false; ///< its programs execute millions of instructions
    std::vector<Attempt> attempts;
    std::vector<std::string> tests;  ///< of transition_tests; one that ends with `*` is all that begin so
    std::vector<std::string> checks; ///< scripts of tests/style/ that look at the image, which all machines boot
    std::string not_here;            ///< why neither programs nor tests nor checks stand for it
};

/// Reads catalogue.txt, and for each id the sources of its programs below `programs`.
/// Fails with one line: a line is not understood, an id has nothing, a program no expectation or no id.
std::expected<std::vector<Entry>, std::string> load_catalogue(const std::filesystem::path& catalogue,
                                                              const std::filesystem::path& programs);

/// The expectations of a source text, each argument once, in its order.
std::vector<Attempt> attempts_of(const std::string& program, std::string_view source);

} // namespace attack
