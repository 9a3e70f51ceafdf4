// SPDX-License-Identifier: MIT
// echo, with the escapes of the X/Open system interfaces.  [POSIX "echo"]
#include "shell/builtins.h"

namespace shell {

using posix::View;

namespace {

bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

} // namespace

bool append_escaped(posix::String& output, View text, bool zero_octal)
{
    constexpr View kLetters = "abfnrtv\\", kBytes = "\a\b\f\n\r\t\v\\";
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            output.append(text[i]);
            continue;
        }
        const char letter = text[++i];
        const size_t known = kLetters.find(letter);
        if (letter == 'c') {
            return false;
        }
        if (known != posix::kNowhere) {
            output.append(kBytes[known]);
        } else if (is_octal(letter) && (letter == '0' || !zero_octal)) {
            size_t at = i + (zero_octal ? 1 : 0);
            unsigned value = 0;
            const size_t limit = at + 3;
            for (; at < limit && at < text.size() && is_octal(text[at]); ++at) {
                value = value * 8 + static_cast<unsigned>(text[at] - '0');
            }
            output.append(static_cast<char>(value));
            i = at - 1;
        } else {
            output.append('\\').append(letter);
        }
    }
    return true;
}

int builtin_echo(State& state, Arguments& arguments)
{
    posix::String output;
    size_t first = 1;
    const bool newline = arguments.size() < 2 || arguments[1] != View{"-n"};
    first += newline ? 0 : 1;
    for (size_t i = first; i < arguments.size(); ++i) {
        output.append(i == first ? "" : " ");
        if (!append_escaped(output, arguments[i], true)) {
            return print(state, output);
        }
    }
    return print(state, newline ? output.append('\n').view() : output.view());
}

} // namespace shell
