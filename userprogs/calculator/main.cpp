// SPDX-License-Identifier: MIT
// A calculator.  calculator EXPRESSION...: the value of each, a line each.  Without arguments: of each line of standard
// input; with a prompt when that is a terminal.  A line may hold several statements with ; between them.
// Status: 0; 1 when a line could not be calculated or read; 2 when standard output cannot be written.
#include "calculator/calculation.h"
#include "posix/line_editor.h"
#include "posix/line_reader.h"
#include "posix/output.h"
#include "posix/string.h"

#include <stdlib.h>

namespace posix {

void out_of_memory()
{
    write_all(STDERR_FILENO, "calculator: out of memory\n");
    _exit(1);
}

} // namespace posix

namespace {

using calculator::Calculation;
using calculator::Mistake;
using calculator::Number;
using posix::String;
using posix::Vector;
using posix::View;

constexpr size_t kLineLimit = 65536;
constexpr View kPrompt = "> ";

/// Prints each value; ends the program when that is impossible, as nobody sees what it calculates.
void print_values(const Vector<Number>& values)
{
    String output;
    for (const Number& value : values) {
        char text[calculator::kNumberTextSize];
        output.append(print(value, text)).append('\n');
    }
    if (!posix::write_all(STDOUT_FILENO, output)) {
        exit(2);
    }
}

/// What a terminal shows left of `column`, as blanks: tabs stay, bytes that continue a character take no room.
String blanks_before(View line, size_t column)
{
    String blanks;
    for (const char c : line.first(column)) {
        if ((c & 0xc0) != 0x80) {
            blanks.append(c == '\t' ? '\t' : ' ');
        }
    }
    return blanks;
}

/// The place under the line, which a person at the terminal has before the eyes already.
void print_mistake(View line, const Mistake& mistake, size_t line_number, bool is_typed)
{
    String output;
    if (is_typed) {
        output.append(blanks_before(kPrompt, kPrompt.size()));
    } else {
        output.append("calculator: line ").append_size(line_number).append(":\n");
        output.append(line).append('\n');
    }
    output.append(blanks_before(line, mistake.position)).append("^ ").append(mistake.message).append('\n');
    posix::write_all(STDERR_FILENO, output);
}

bool calculate(Calculation& calculation, View line, size_t line_number, bool is_typed)
{
    Vector<Number> values;
    const Mistake mistake = calculation.run(line, values);
    print_values(values);
    if (mistake) {
        print_mistake(line, mistake, line_number, is_typed);
    }
    return !mistake;
}

bool calculate_arguments(int count, char** arguments)
{
    Calculation calculation;
    bool good = true;
    for (int i = 1; i < count; ++i) {
        good = calculate(calculation, View{arguments[i]}, static_cast<size_t>(i), false) && good;
    }
    return good;
}

bool calculate_lines()
{
    Calculation calculation;
    posix::LineReader reader{STDIN_FILENO, kLineLimit};
    String line;
    bool good = true;
    for (size_t number = 1;; ++number) {
        switch (reader.read(line)) {
        case posix::LineReader::Result::End: return good;
        case posix::LineReader::Result::Line: good = calculate(calculation, line, number, false) && good; break;
        case posix::LineReader::Result::TooLong:
            print_mistake("", {"this line is too long", 0}, number, false);
            good = false;
            break;
        case posix::LineReader::Result::Failed:
            posix::write_all(STDERR_FILENO, "calculator: standard input cannot be read\n");
            return false;
        }
    }
}

void print_help()
{
    String output{"+ - * / % ^ and parentheses; NAME = VALUE; ans is the last value; pi, e; 0x for hexadecimal; "
                  "quit or ^D ends\n"};
    const calculator::FunctionList functions = calculator::all_functions();
    for (size_t i = 0; i < functions.count; ++i) {
        output.append(functions.first[i].usage).append('\n');
    }
    posix::write_all(STDOUT_FILENO, output);
}

bool talk()
{
    Calculation calculation;
    posix::History history;
    posix::LineEditor editor{STDIN_FILENO, STDOUT_FILENO};
    String line;
    bool good = true;
    for (;;) {
        switch (editor.read(kPrompt, line, history)) {
        case posix::LineEditor::Result::End: return good;
        case posix::LineEditor::Result::Interrupted: continue;
        case posix::LineEditor::Result::Line: break;
        }
        history.add(line);
        if (line == "quit" || line == "exit") {
            return good;
        }
        if (line == "help") {
            print_help();
        } else {
            good = calculate(calculation, line, 0, true) && good;
        }
    }
}

} // namespace

int main(int count, char** arguments)
{
    if (count > 1) {
        return calculate_arguments(count, arguments) ? 0 : 1;
    }
    return (isatty(STDIN_FILENO) == 1 ? talk() : calculate_lines()) ? 0 : 1;
}
