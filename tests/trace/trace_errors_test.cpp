// SPDX-License-Identifier: MIT
// Every refusal of the trace parser: its text, its line and its column.
#include "trace/trace_parse.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace {

using namespace ringcheck;

std::string error_of(const std::string& text)
{
    const auto trace = parse_trace(text);
    return trace ? "no error" : format_parse_error("t", trace.error());
}

/// The error for one line in the place of an event, line 3.
std::string error_in(const std::string& line)
{
    return error_of("# ringcheck trace 1\nprogram p\n" + line + "\nexit status 0\n");
}

TEST(TraceErrors, NameAFileThatIsNoTrace)
{
    const std::string expected = "t:1:1: error: not a trace: the first line is not '# ringcheck trace 1'";
    EXPECT_EQ(error_of(""), expected);
    EXPECT_EQ(error_of("\x7f\x45\x4c\x46\x02\x01"), expected);
    EXPECT_EQ(error_of("program hello\n"), expected);
    EXPECT_EQ(error_of("# ringcheck trace 2\n"), "t:1:19: error: trace version '2'; this ringcheck reads version 1");
    EXPECT_EQ(error_of("# ringcheck trace 1 \n"), "t:1:19: error: trace version '1 '; this ringcheck reads version 1");
}

TEST(TraceErrors, NameAFileThatIsCutOff)
{
    EXPECT_EQ(error_of("# ringcheck trace 1"), "t:1:20: error: the file ends inside this line: is it cut off?");
    EXPECT_EQ(error_of("# ringcheck trace 1\n"), "t:1:1: error: the trace has no program line");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p\n"),
              "t:2:1: error: the trace has no exit line at its end: is the file cut off?");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p\nexit status 0"),
              "t:3:14: error: the file ends inside this line: is it cut off?");
}

TEST(TraceErrors, NameBytesThatAreNotText)
{
    using namespace std::string_literals;
    EXPECT_EQ(error_in("enter\0main"s), "t:3:6: error: a NUL byte: this is not a text file");
    EXPECT_EQ(error_in("enter main\r"), "t:3:11: error: the line ends with CR LF; here lines end with LF alone");
    EXPECT_EQ(error_in("enter \x01"), "t:3:7: error: control character 0x01");
    EXPECT_EQ(error_in("# " + std::string(1 << 20, 'x')),
              "t:3:8193: error: the line has 1048578 bytes, more than 8192");
    EXPECT_EQ(error_in(std::string(1 << 20, '(')), "t:3:8193: error: the line has 1048576 bytes, more than 8192");
}

TEST(TraceErrors, NameALineThatWouldBeTooLongOnceItIsPrinted)
{
    // A blank follows each comma that is printed, and "enter" is padded.
    std::string call = "syscall f(1";
    while (call.size() < 8000) {
        call += ",1";
    }
    EXPECT_EQ(error_in(call + ")"),
              "t:3:8003: error: written as ringcheck writes it the line has 11998 bytes, more than 8192");
    const std::string name(8184, 'x');
    EXPECT_EQ(error_in("enter " + name),
              "t:3:8191: error: written as ringcheck writes it the line has 8193 bytes, more than 8192");
    EXPECT_EQ(error_in("enter " + name.substr(1)), "no error");
}

TEST(TraceErrors, NameTheWrongOrderOfLines)
{
    EXPECT_EQ(error_of("# ringcheck trace 1\nenter main\n"), "t:2:1: error: the program line comes first");
    EXPECT_EQ(error_in("program q"), "t:3:1: error: a trace has one program line");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p\nexit status 0\nenter main\n"),
              "t:4:1: error: nothing follows the exit line");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram\n"), "t:2:8: error: the program's name is missing here");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p\xc3\xa9\n"),
              "t:2:9: error: a program's name is printable ASCII");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p q\n"), "t:2:11: error: nothing more is expected on this line");
    EXPECT_EQ(error_in("leave main"), "t:3:1: error: a line begins with environment, file, input, follow, enter, "
                                      "inject, syscall, execute, signal, fault, exit or #, not 'leave'");
}

TEST(TraceErrors, NameWhatIsWrongInACall)
{
    EXPECT_EQ(error_in("syscall"), "t:3:8: error: a system call is missing here");
    EXPECT_EQ(error_in("syscall write"), "t:3:14: error: '(' is missing here");
    EXPECT_EQ(error_in("syscall write(1"), "t:3:16: error: ')' is missing here");
    EXPECT_EQ(error_in("syscall write(1,)"), "t:3:17: error: an argument is missing here");
    EXPECT_EQ(error_in("syscall write(01)"), "t:3:15: error: a number begins with 0");
    EXPECT_EQ(error_in("syscall write(-0)"), "t:3:15: error: zero has no sign");
    EXPECT_EQ(error_in("syscall write(18446744073709551616)"), "t:3:15: error: a number does not fit 64 bits");
    EXPECT_EQ(error_in("syscall write(0xA)"),
              "t:3:17: error: an address has 1 to 16 digits of 0-9 and a-f, the first not 0");
    EXPECT_EQ(error_in("syscall write(0x10000000000000000)"),
              "t:3:17: error: an address has 1 to 16 digits of 0-9 and a-f, the first not 0");
    EXPECT_EQ(error_in("syscall write(NULL+0x0)"), "t:3:20: error: an offset is between 0x1 and 0x7fffffffffffffff");
    EXPECT_EQ(error_in("syscall write(\"a)"), "t:3:15: error: the string has no closing '\"'");
    EXPECT_EQ(error_in("syscall write(\"a\\q\")"), "t:3:17: error: an escape is one of \\n \\t \\r \\\\ \\\" and \\x "
                                                   "with two digits of 0-9 and a-f");
    EXPECT_EQ(error_in("syscall write(\"a\\x4\")"), "t:3:17: error: an escape is one of \\n \\t \\r \\\\ \\\" and \\x "
                                                    "with two digits of 0-9 and a-f");
    EXPECT_EQ(error_in("syscall write(\"\xc3\xa9\")"), "t:3:16: error: this byte must be written as \\xHH");
    EXPECT_EQ(error_in("syscall write(\"a\"...)"),
              "t:3:15: error: a string has at most 256 bytes, and exactly as many before '...'; this one has 1");
    EXPECT_EQ(error_in("syscall write(\"" + std::string(257, 'a') + "\")"),
              "t:3:15: error: a string has at most 256 bytes, and exactly as many before '...'; this one has 257");
}

TEST(TraceErrors, NameWhatIsWrongInAResult)
{
    EXPECT_EQ(error_in("syscall f() 1"), "t:3:13: error: '=' is missing here");
    EXPECT_EQ(error_in("syscall f() ="),
              "t:3:14: error: a result: a number, an address, '-1 NAME' or '?', is missing here");
    EXPECT_EQ(error_in("syscall f() = -1"), "t:3:17: error: the error's name, as in '= -1 EFAULT', is missing here");
    EXPECT_EQ(error_in("syscall f() = 1 2"), "t:3:17: error: nothing more is expected on this line");
}

TEST(TraceErrors, NameWhatIsWrongInAFaultAnEntryOrAnExit)
{
    EXPECT_EQ(error_in("enter"), "t:3:6: error: a symbol or an address is missing here");
    EXPECT_EQ(error_in("enter 12"), "t:3:7: error: a symbol or an address is missing here");
    EXPECT_EQ(error_in("enter 0x12g"), "t:3:11: error: an address has 1 to 16 digits of 0-9 and a-f, the first not 0");
    EXPECT_EQ(error_in("fault"), "t:3:6: error: an exception is missing here, such as #PF or vector_9");
    EXPECT_EQ(error_in("fault #"), "t:3:7: error: an exception is missing here, such as #PF or vector_9");
    EXPECT_EQ(error_in("fault #PF eat NULL"), "t:3:11: error: 'at', 'read', 'write' or 'execute' is missing here");
    EXPECT_EQ(error_in("fault #PF read NULL"), "t:3:20: error: 'at' is missing here");
    EXPECT_EQ(error_in("fault #PF read NULL at"), "t:3:23: error: a symbol or an address is missing here");
    EXPECT_EQ(error_in("exit"), "t:3:5: error: 'status' or 'killed by' is missing here");
    EXPECT_EQ(error_in("exit status 256"), "t:3:13: error: an exit status is between 0 and 255");
    EXPECT_EQ(error_in("exit killed SIGSEGV"), "t:3:13: error: 'by' is missing here");
    EXPECT_EQ(error_in("exit killed by 11"), "t:3:16: error: a signal's name is missing here");
}

TEST(TraceErrors, NameAFileThatCannotBeOpened)
{
    EXPECT_EQ(load_trace("no/such.trace").error(), "no/such.trace: error: cannot be opened: No such file or directory");
}

TEST(TraceErrors, NameACapturedNameThatIsNone)
{
    EXPECT_EQ(error_in("syscall f($) = 0"), "t:3:12: error: a name is missing here");
    EXPECT_EQ(error_in("syscall f($1) = 0"), "t:3:12: error: a name is missing here");
    EXPECT_EQ(error_in("syscall f(**) = 0"), "t:3:12: error: ')' is missing here");
    EXPECT_EQ(error_in("syscall f() = $a+"), "t:3:18: error: '0x' is missing here");
}

/// The error for one line of an injected trace, line 4; there is memory on line 3.
std::string error_in_injected(const std::string& line)
{
    return error_of("# ringcheck trace 1\ninjected p\nmemory m valid 8\n" + line + "\nexit status 0\n");
}

TEST(TraceErrors, NameWhatIsWrongWithMemory)
{
    EXPECT_EQ(error_in_injected("memory text valid \"x\""), "no error");
    EXPECT_EQ(error_in_injected("memory"), "t:4:7: error: a name is missing here");
    EXPECT_EQ(error_in_injected("memory m valid 8"), "t:4:17: error: there is memory named 'm' already");
    EXPECT_EQ(error_in_injected("memory n nowhere 8"),
              "t:4:10: error: a place is one of valid, page_start, page_end, across, read_only, no_access, unmapped, "
              "untouched, stack, not this");
    EXPECT_EQ(error_in_injected("memory n valid"),
              "t:4:15: error: a number of bytes, a string or a structure is missing here");
    EXPECT_EQ(error_in_injected("memory n valid 0"), "t:4:16: error: memory has 1 to 65536 bytes");
    EXPECT_EQ(error_in_injected("memory n valid 65537"), "t:4:16: error: memory has 1 to 65536 bytes");
    EXPECT_EQ(error_in_injected("memory n valid 08"),
              "t:4:16: error: a number of bytes, a string or a structure begins "
              "with 0");
    EXPECT_EQ(error_in_injected("memory n valid \"\""), "t:4:17: error: memory has 1 to 65536 bytes");
    EXPECT_EQ(error_in_injected("memory n unmapped \"x\""), "t:4:19: error: a number of bytes is missing here");
    EXPECT_EQ(error_in_injected("memory n valid {a=*}"), "t:4:19: error: a field's value is missing here");
    EXPECT_EQ(error_in_injected("memory n valid 8 8"), "t:4:18: error: nothing more is expected on this line");
    EXPECT_EQ(error_in_injected("holds n *"), "t:4:10: error: no memory is named 'n' before this line");
    EXPECT_EQ(error_in_injected("holds m"), "t:4:8: error: a string, a structure or '*' is missing here");
    EXPECT_EQ(error_in_injected("holds m * *"), "t:4:11: error: nothing more is expected on this line");
    EXPECT_EQ(error_in_injected("holds m {a=1, b=$x}"), "no error");
    EXPECT_EQ(error_in_injected("holds m {}"), "t:4:10: error: a field's name is missing here");
    EXPECT_EQ(error_in_injected("holds m {a}"), "t:4:11: error: '=' is missing here");
    EXPECT_EQ(error_in_injected("holds m {a=1"), "t:4:13: error: '}' is missing here");
    EXPECT_EQ(error_in_injected("holds m {a.=1}"), "t:4:12: error: a field's name is missing here");
}

TEST(TraceErrors, NameWhatIsForInjectedTracesAlone)
{
    EXPECT_EQ(error_in_injected("syscall f({a=1}, A|B) = 0"), "no error");
    EXPECT_EQ(error_in_injected("syscall f(A|1) = 0"), "t:4:13: error: a constant's name is missing here");
    EXPECT_EQ(error_in_injected("enter main"),
              "t:4:1: error: an injected trace has no enter line: it begins when the program has entered");
    EXPECT_EQ(error_in_injected("fork"),
              "t:4:1: error: a line begins with memory, holds, syscall, execute, signal, fault, exit or #, not 'fork'");
    EXPECT_EQ(error_in("syscall f({a=1}) = 0"), "t:3:11: error: an argument is missing here");
    EXPECT_EQ(error_in("syscall f(A|B) = 0"), "t:3:12: error: ')' is missing here");
    EXPECT_EQ(error_in("holds n *"), "t:3:1: error: memory is placed in injected traces only, for their calls");
    EXPECT_EQ(error_in("memory n valid 8"), "t:3:1: error: memory is placed in injected traces only, for their calls");
    EXPECT_EQ(error_in("injected q"), "t:3:1: error: a trace has one program line");
    EXPECT_EQ(error_of("# ringcheck trace 1\ninjected\n"), "t:2:9: error: the program's name is missing here");
    EXPECT_EQ(error_of("# ringcheck trace 1\ninjected p \"x\"\n"),
              "t:2:12: error: nothing more is expected on this line");
}

TEST(TraceErrors, NameWhatIsWrongWithAProgramsArguments)
{
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p \"a\" \"b c\" \"\"\nexit status 0\n"), "no error");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p a\n"), "t:2:11: error: nothing more is expected on this line");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p \"a\n"), "t:2:11: error: the string has no closing '\"'");
    const std::string longest(256, 'x');
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p \"" + longest + "\"...\n"),
              "t:2:11: error: this string must be whole");
    EXPECT_EQ(error_of("# ringcheck trace 1\nprogram p \"" + longest + "x\"\n"),
              "t:2:11: error: a string has at most 256 bytes, and exactly as many before '...'; this one has 257");
    std::string many = "# ringcheck trace 1\nprogram p ";
    for (unsigned i = 0; i < 31; ++i) {
        many += "\"" + longest + "\"";
    }
    EXPECT_EQ(error_of(many + "\"" + longest.substr(96) + "\"\n"),
              "t:2:8171: error: written as ringcheck writes it the line has 8201 bytes, more than 8192");
}

} // namespace
