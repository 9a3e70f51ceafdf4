// SPDX-License-Identifier: GPL-2.0-or-later
// How ringcheck speaks to people: exit statuses, errors, colour.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ringcheck::cli {

/// What every command ends with.
enum Status : int {
    kPass = 0,
    kDifference = 1, ///< it ran, and what happened is not what should have happened
    kBadInput = 2,   ///< the command line or a file is wrong; nothing ran
};

/// Prints "ringcheck: error: TEXT" on stderr; @return kBadInput
Status refuse(std::string_view text);
/// Prints an error that begins with its own place, "PATH:4:1: error: ..."; @return kBadInput
Status refuse_at_place(std::string_view text);

/// Prints "ringcheck: error: TEXT" on stderr; @return kDifference
Status fail(std::string_view text);

enum class Colour { Plain, Good, Bad, Heading };

/// `text` in a colour when stdout is a terminal and NO_COLOR is not set, else as it is.
std::string on_stdout(Colour colour, std::string_view text);
/// The same for stderr.
std::string on_stderr(Colour colour, std::string_view text);

/// What on_stdout() and on_stderr() were given.
std::string without_colour(std::string_view text);

enum class OutputStream : std::uint8_t { Out, Error };
using OutputSink = std::function<void(OutputStream, std::string_view)>;
/// From now on `sink` has what print_out() and print_error() are given, instead of stdout and stderr.
void redirect_output(OutputSink sink);

void print_out(std::string_view text);
/// The last thing that the program does with its stdout.
/// @return status, or kBadInput, with an error, when not everything could be written
Status finish_output(Status status);
/// Prints on stderr, after everything that was printed on stdout before.
void print_error(std::string_view text);

} // namespace ringcheck::cli
