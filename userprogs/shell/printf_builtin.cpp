// SPDX-License-Identifier: MIT
// printf FORMAT [ARGUMENT...]  [POSIX "printf"]
#include "shell/builtins.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

/// Widths and precisions beyond this are somebody's mistake.
constexpr long kWidthLimit = 100'000;

class Printf {
public:
    Printf(const State& state, Arguments& arguments) : state_{state}, arguments_{arguments} {}

    int run()
    {
        const View format = arguments_[1];
        do {
            const size_t before = next_;
            if (!once(format)) {
                break;
            }
            if (next_ == before) {
                break; // a format that takes nothing is used once
            }
        } while (next_ < arguments_.size());
        const int printed = print(state_, output_);
        return printed != 0 ? printed : status_;
    }

private:
    /// False when nothing is to follow.
    bool once(View format)
    {
        for (size_t i = 0; i < format.size();) {
            if (format[i] == '%' && i + 1 < format.size() && format[i + 1] == '%') {
                output_.append('%');
                i += 2;
            } else if (format[i] == '%') {
                if (!conversion(format, i)) {
                    return false;
                }
            } else {
                const size_t end = posix::smaller(format.find('%', i), format.size());
                if (!append_escaped(output_, format.from(i, end - i), false)) {
                    return false;
                }
                i = end;
            }
        }
        return true;
    }

    View next_argument() { return next_ < arguments_.size() ? arguments_[next_++].view() : View{}; }

    void fail(View object, View what) { status_ = complain(state_, arguments_, object, what); }

    /// A width or a precision: digits, or a * for an argument.
    long size(View format, size_t& i)
    {
        if (i < format.size() && format[i] == '*') {
            ++i;
            const long long value = number(next_argument());
            return value > kWidthLimit ? kWidthLimit : value < -kWidthLimit ? -kWidthLimit : static_cast<long>(value);
        }
        long value = 0;
        for (; i < format.size() && posix::is_digit(format[i]); ++i) {
            value = posix::smaller(value * 10 + (format[i] - '0'), kWidthLimit);
        }
        return value;
    }

    bool conversion(View format, size_t& i)
    {
        const size_t begin = i++;
        String flags{"%"};
        while (i < format.size() && View{"-+ #0"}.contains(format[i])) {
            flags.append(format[i++]);
        }
        long width = size(format, i);
        if (width < 0) {
            flags.append('-');
            width = -width;
        }
        long precision = -1;
        if (i < format.size() && format[i] == '.') {
            ++i;
            precision = size(format, i);
        }
        flags.append("*.*");
        const char letter = i < format.size() ? format[i++] : '\0';
        const int columns = static_cast<int>(width), digits = static_cast<int>(precision);
        switch (letter) {
        case 'd':
        case 'i': add(flags.append("lld"), columns, digits, number(next_argument())); return true;
        case 'o':
        case 'u':
        case 'x':
        case 'X': add(flags.append("ll").append(letter), columns, digits, number(next_argument())); return true;
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G': add(flags.append(letter), columns, digits, real(next_argument())); return true;
        case 'c': add_text(flags, width, 1, next_argument()); return true;
        case 's': add_text(flags, width, precision, next_argument()); return true;
        case 'b': {
            String text;
            const bool goes_on = append_escaped(text, next_argument(), true);
            add_text(flags, width, precision, text);
            return goes_on;
        }
        default:
            fail(format.from(begin, i - begin), "this conversion is not known");
            status_ = 2;
            return false;
        }
    }

    template <typename Value> void add(const String& format, int width, int precision, Value value)
    {
        // The format is made of what has been checked above.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
        const int length = snprintf(nullptr, 0, format.c_str(), width, precision, value);
        if (length < 0) {
            fail(format, "this cannot be printed");
            return;
        }
        String text;
        for (int i = 0; i <= length; ++i) {
            text.append(' ');
        }
        snprintf(text.data(), text.size(), format.c_str(), width, precision, value);
#pragma clang diagnostic pop
        text.truncate(static_cast<size_t>(length));
        output_.append(text);
    }

    void add_text(const String& flags, long width, long precision, View text)
    {
        text = precision >= 0 ? text.first(static_cast<size_t>(precision)) : text;
        const bool left = flags.view().contains('-');
        const size_t blanks = static_cast<size_t>(width) > text.size() ? static_cast<size_t>(width) - text.size() : 0;
        for (size_t i = 0; !left && i < blanks; ++i) {
            output_.append(' ');
        }
        output_.append(text);
        for (size_t i = 0; left && i < blanks; ++i) {
            output_.append(' ');
        }
    }

    /// "" is 0; "'a" is the number of the character a.
    long long number(View text)
    {
        if (text.empty()) {
            return 0;
        }
        if (text[0] == '\'' || text[0] == '"') {
            return text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0;
        }
        const String copy{text};
        char* end = nullptr;
        errno = 0;
        long long value = strtoll(copy.c_str(), &end, 0);
        if (errno == ERANGE && text[0] != '-') {
            errno = 0;
            value = static_cast<long long>(strtoull(copy.c_str(), &end, 0));
        }
        if (errno == ERANGE) {
            fail(text, "this number is too large");
        } else if (end != copy.c_str() + copy.size()) {
            fail(text, "this is no number");
        }
        return value;
    }

    double real(View text)
    {
        if (text.empty()) {
            return 0;
        }
        const String copy{text};
        char* end = nullptr;
        const double value = strtod(copy.c_str(), &end);
        if (end != copy.c_str() + copy.size()) {
            fail(text, "this is no number");
        }
        return value;
    }

    const State& state_;
    Arguments& arguments_;
    size_t next_ = 2;
    String output_;
    int status_ = 0;
};

} // namespace

int builtin_printf(State& state, Arguments& arguments)
{
    if (arguments.size() > 1 && arguments[1] == "--") {
        arguments.remove(1);
    }
    return arguments.size() < 2 ? complain(state, arguments, "a format is needed", 2) : Printf{state, arguments}.run();
}

} // namespace shell
