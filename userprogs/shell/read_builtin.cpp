// SPDX-License-Identifier: MIT
// read [-r] [-p PROMPT] NAME...
#include "shell/builtins.h"
#include "shell/executor.h"

#include <errno.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

/// A line, and which of its bytes a backslash has quoted.
struct Line {
    String text, quoted; ///< of the same length; quoted: 'q' or 'p'

    void append(char c, bool is_quoted)
    {
        text.append(c);
        quoted.append(is_quoted ? 'q' : 'p');
    }
};

enum class End { Newline, EndOfFile, Signal };

/// Byte by byte, as what follows belongs to others.
End read_line(State& state, bool raw, Line& line)
{
    bool escaped = false;
    for (;;) {
        char c = 0;
        const ssize_t count = read(STDIN_FILENO, &c, 1);
        if (count < 0 && errno == EINTR) {
            if (state.traps.pending() != 0) {
                return End::Signal;
            }
            continue;
        }
        if (count <= 0) {
            return End::EndOfFile;
        }
        if (escaped) {
            escaped = false;
            if (c != '\n') {
                line.append(c, true);
            }
        } else if (c == '\\' && !raw) {
            escaped = true;
        } else if (c == '\n') {
            return End::Newline;
        } else if (c != '\0') {
            line.append(c, false);
        }
    }
}

/// Takes fields off the line one after the other.  [POSIX "read", "Field Splitting"]
class Splitter {
public:
    Splitter(const Line& line, View separators) : line_{line}, separators_{separators}, end_{line.text.size()}
    {
        skip_blanks();
    }

    View next()
    {
        const size_t begin = at_;
        while (at_ < end_ && !is_separator(at_)) {
            ++at_;
        }
        const View field = line_.text.view().from(begin, at_ - begin);
        skip_blanks();
        if (at_ < end_ && is_separator(at_)) {
            ++at_;
            skip_blanks();
        }
        return field;
    }

    /// All that is left, without the blanks at its end, and without a separator that ends a last field.
    View rest()
    {
        const size_t begin = at_;
        size_t last = end_;
        while (last > begin && is_blank(last - 1)) {
            --last;
        }
        const Splitter before{*this};
        next();
        if (at_ == end_ && last > begin) {
            const View field = line_.text.view().from(begin, field_end(before) - begin);
            return field;
        }
        return line_.text.view().from(begin, last - begin);
    }

private:
    static size_t field_end(const Splitter& before)
    {
        size_t at = before.at_;
        while (at < before.end_ && !before.is_separator(at)) {
            ++at;
        }
        return at;
    }
    bool is_separator(size_t at) const { return line_.quoted[at] == 'p' && separators_.contains(line_.text[at]); }
    bool is_blank(size_t at) const { return is_separator(at) && View{" \t\n"}.contains(line_.text[at]); }
    void skip_blanks()
    {
        while (at_ < end_ && is_blank(at_)) {
            ++at_;
        }
    }

    const Line& line_;
    View separators_;
    size_t at_ = 0, end_;
};

} // namespace

int builtin_read(State& state, Arguments& arguments)
{
    bool raw = false;
    size_t first = 1;
    for (; first < arguments.size() && arguments[first].view().starts_with("-"); ++first) {
        if (arguments[first] == "-r") {
            raw = true;
        } else if (arguments[first] == "-p" && first + 1 < arguments.size()) {
            if (isatty(STDIN_FILENO) == 1) {
                posix::write_all(STDERR_FILENO, arguments[first + 1]);
            }
            ++first;
        } else {
            return complain(state, arguments, arguments[first], "there is no such option", 2);
        }
    }
    if (first == arguments.size()) {
        return complain(state, arguments, "a name is needed", 2);
    }
    Line line;
    const End end = read_line(state, raw, line);
    if (end == End::Signal) {
        return 130;
    }
    const Variable* const ifs = state.variables.find("IFS");
    const String separators{ifs == nullptr || !ifs->set ? View{" \t\n"} : ifs->value.view()};
    Splitter splitter{line, separators};
    for (size_t i = first; i < arguments.size(); ++i) {
        if (!posix::is_name(arguments[i])) {
            return complain(state, arguments, arguments[i], "this is no name", 2);
        }
        if (!assign(state, arguments[i], i + 1 == arguments.size() ? splitter.rest() : splitter.next())) {
            return 2;
        }
    }
    return end == End::Newline ? 0 : 1;
}

} // namespace shell
