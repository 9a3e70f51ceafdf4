// SPDX-License-Identifier: MIT
// test and [.  [POSIX "test"]
#include "shell/builtins.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

bool newer(const struct stat& a, const struct stat& b)
{
    return a.st_mtim.tv_sec != b.st_mtim.tv_sec ? a.st_mtim.tv_sec > b.st_mtim.tv_sec
                                                : a.st_mtim.tv_nsec > b.st_mtim.tv_nsec;
}

/// Expressions by recursive descent; the number of arguments decides what an operator is.
class Test {
public:
    Test(const State& state, const Arguments& arguments, size_t end) : state_{state}, arguments_{arguments}, end_{end}
    {
    }

    int run()
    {
        if (end_ == 1) {
            return 1;
        }
        const bool value = either();
        if (!failed_ && at_ < end_) {
            fail(arguments_[at_], "this is unexpected");
        }
        return failed_ ? 2 : value ? 0 : 1;
    }

private:
    bool fail(View object, View what)
    {
        if (!failed_) {
            complain(state_, arguments_, object, what);
        }
        failed_ = true;
        return false;
    }

    size_t left() const { return end_ - at_; }
    View here() const { return arguments_[at_]; }
    View ahead(size_t count) const { return arguments_[at_ + count]; }

    bool either()
    {
        bool value = both();
        while (!failed_ && left() > 0 && here() == "-o") {
            ++at_;
            const bool right = both();
            value = value || right;
        }
        return value;
    }

    bool both()
    {
        bool value = negation();
        while (!failed_ && left() > 0 && here() == "-a") {
            ++at_;
            const bool right = negation();
            value = value && right;
        }
        return value;
    }

    bool negation()
    {
        bool negated = false;
        // "! = x" compares.
        while (left() > 1 && here() == "!" && !(left() >= 3 && is_binary(ahead(1)))) {
            negated = !negated;
            ++at_;
        }
        const bool value = primary();
        return negated ? !value : value;
    }

    static bool is_binary(View sign)
    {
        constexpr View kBinary[] = {"=",   "==",  "!=",  "-eq", "-ne", "-gt", "-ge",
                                    "-lt", "-le", "-nt", "-ot", "-ef", "<",   ">"};
        for (const View known : kBinary) {
            if (sign == known) {
                return true;
            }
        }
        return false;
    }

    bool primary()
    {
        if (left() == 0) {
            return fail("", "an argument is missing");
        }
        if (state_.stack.exhausted()) {
            return fail("", "this is nested too deep");
        }
        if (left() >= 3 && is_binary(ahead(1))) {
            at_ += 3;
            return binary(arguments_[at_ - 3], arguments_[at_ - 2], arguments_[at_ - 1]);
        }
        if (here() == "(" && left() >= 2) {
            ++at_;
            const bool value = either();
            if (left() == 0 || here() != View{")"}) {
                return fail("", "a ) is missing");
            }
            ++at_;
            return value;
        }
        const View sign = here();
        if (left() >= 2 && sign.size() == 2 && sign[0] == '-' && View{"nzbcdefghLkprSstuwx"}.contains(sign[1])) {
            at_ += 2;
            return unary(sign[1], arguments_[at_ - 1]);
        }
        ++at_;
        return !sign.empty();
    }

    bool unary(char letter, View operand)
    {
        const String path{operand};
        struct stat found{};
        switch (letter) {
        case 'n': return !operand.empty();
        case 'z': return operand.empty();
        case 't': {
            long fd = 0;
            return read_number(operand, 0, INT_MAX, fd) && isatty(static_cast<int>(fd)) == 1;
        }
        case 'r': return access(path.c_str(), R_OK) == 0;
        case 'w': return access(path.c_str(), W_OK) == 0;
        case 'x': return access(path.c_str(), X_OK) == 0;
        case 'h':
        case 'L': return lstat(path.c_str(), &found) == 0 && S_ISLNK(found.st_mode);
        default: break;
        }
        if (stat(path.c_str(), &found) != 0) {
            return false;
        }
        switch (letter) {
        case 'b': return S_ISBLK(found.st_mode);
        case 'c': return S_ISCHR(found.st_mode);
        case 'd': return S_ISDIR(found.st_mode);
        case 'f': return S_ISREG(found.st_mode);
        case 'p': return S_ISFIFO(found.st_mode);
        case 'S': return S_ISSOCK(found.st_mode);
        case 's': return found.st_size > 0;
        case 'g': return (found.st_mode & S_ISGID) != 0;
        case 'u': return (found.st_mode & S_ISUID) != 0;
        case 'k': return (found.st_mode & S_ISVTX) != 0;
        default: return true;
        }
    }

    long integer(View text)
    {
        while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) {
            text = text.from(1);
        }
        long value = 0;
        if (!read_number(text, LONG_MIN, LONG_MAX, value)) {
            fail(text, "this is no number");
        }
        return value;
    }

    bool binary(View a, View sign, View b)
    {
        if (sign == "=" || sign == "==") {
            return a == b;
        }
        if (sign == "!=") {
            return !(a == b);
        }
        if (sign == "<") {
            return strcmp(String{a}.c_str(), String{b}.c_str()) < 0;
        }
        if (sign == ">") {
            return strcmp(String{a}.c_str(), String{b}.c_str()) > 0;
        }
        if (sign == "-nt" || sign == "-ot" || sign == "-ef") {
            return files(a, sign, b);
        }
        const long x = integer(a);
        const long y = integer(b);
        if (sign == "-eq") {
            return x == y;
        }
        if (sign == "-ne") {
            return x != y;
        }
        if (sign == "-gt") {
            return x > y;
        }
        if (sign == "-ge") {
            return x >= y;
        }
        if (sign == "-lt") {
            return x < y;
        }
        return x <= y;
    }

    static bool files(View a, View sign, View b)
    {
        struct stat first{}, second{};
        const bool has_first = stat(String{a}.c_str(), &first) == 0;
        const bool has_second = stat(String{b}.c_str(), &second) == 0;
        if (sign == "-ef") {
            return has_first && has_second && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
        }
        return has_first && has_second && (sign == "-nt" ? newer(first, second) : newer(second, first));
    }

    const State& state_;
    const Arguments& arguments_;
    size_t at_ = 1, end_;
    bool failed_ = false;
};

} // namespace

int builtin_test(State& state, Arguments& arguments)
{
    size_t end = arguments.size();
    if (arguments[0] == "[") {
        if (arguments[end - 1] != View{"]"}) {
            return complain(state, arguments, "a ] is missing", 2);
        }
        --end;
    }
    return Test{state, arguments, end}.run();
}

} // namespace shell
