// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace ringcheck::cli {
namespace {

bool has_colour(int descriptor)
{
    // [no-color.org]: set and not empty
    const char* const refused = std::getenv("NO_COLOR");
    return isatty(descriptor) != 0 && (refused == nullptr || *refused == '\0');
}

std::string paint(int descriptor, Colour colour, std::string_view text)
{
    if (colour == Colour::Plain || !has_colour(descriptor)) {
        return std::string(text);
    }
    const char* const code = colour == Colour::Good ? "32" : colour == Colour::Bad ? "1;31" : "1";
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

OutputSink& redirected()
{
    static OutputSink sink;
    return sink;
}

} // namespace

void redirect_output(OutputSink sink)
{
    redirected() = std::move(sink);
}

std::string on_stdout(Colour colour, std::string_view text)
{
    return paint(STDOUT_FILENO, colour, text);
}

std::string on_stderr(Colour colour, std::string_view text)
{
    return paint(STDERR_FILENO, colour, text);
}

std::string without_colour(std::string_view text)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = std::min(text.find("\x1b[", at), text.size());
        plain += text.substr(at, begin - at);
        at = std::min(text.find('m', begin), text.size() - 1) + 1;
        at = begin == text.size() ? begin : at;
    }
    return plain;
}

void print_out(std::string_view text)
{
    if (const OutputSink& sink = redirected()) {
        sink(OutputStream::Out, text);
    } else {
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
}

Status finish_output(Status status)
{
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    return written ? status : refuse(fmt::format("the output could not be written: {}", std::strerror(errno)));
}

void print_error(std::string_view text)
{
    if (const OutputSink& sink = redirected()) {
        sink(OutputStream::Error, text);
        return;
    }
    std::fflush(stdout); // what was said before the error stands before it
    std::fwrite(text.data(), 1, text.size(), stderr);
}

Status refuse(std::string_view text)
{
    print_error(fmt::format("ringcheck: {} {}\n", on_stderr(Colour::Bad, "error:"), text));
    return kBadInput;
}

Status fail(std::string_view text)
{
    return std::min(kDifference, refuse(text));
}

Status refuse_at_place(std::string_view text)
{
    print_error(fmt::format("{}\n", text));
    return kBadInput;
}

} // namespace ringcheck::cli
