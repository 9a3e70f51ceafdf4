// SPDX-License-Identifier: MIT
// The first line of a script, as execve(2) "Interpreter scripts" and Linux's fs/binfmt_script.c have it.
#include "process/script.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using kernel::ScriptLine;
using uapi::Error;

base::Bytes bytes(const std::string& text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text(base::StringView view)
{
    return {view.data(), view.size()};
}

/// "INTERPRETER|ARGUMENT", or "ENOEXEC".
std::string parts(const std::string& file)
{
    ScriptLine line;
    if (!line.read(bytes(file))) {
        return "ENOEXEC";
    }
    const ScriptLine copy = line; // which stands somewhere else
    return text(copy.interpreter()) + "|" + text(copy.argument());
}

TEST(ScriptLine, IsKnownByItsFirstTwoBytes)
{
    EXPECT_TRUE(ScriptLine::begins(bytes("#!")));
    EXPECT_TRUE(ScriptLine::begins(bytes("#!/bin/sh\n")));
    for (const char* other : {"", "#", "# !", "!#",
                              "\x7f"
                              "ELF"}) {
        EXPECT_FALSE(ScriptLine::begins(bytes(other))) << other;
    }
}

TEST(ScriptLine, NamesAnInterpreterAndOneArgument)
{
    EXPECT_EQ(parts("#!/bin/sh\necho"), "/bin/sh|");
    EXPECT_EQ(parts("#! \t /bin/sh \t \n"), "/bin/sh|");
    EXPECT_EQ(parts("#!/bin/awk -f\n"), "/bin/awk|-f");
    EXPECT_EQ(parts("#!/bin/env\t sh  -e  -u \t\nx"), "/bin/env|sh  -e  -u");
    EXPECT_EQ(parts("#!a"), "a|") << "a file may end without a newline";
    EXPECT_EQ(parts(std::string("#!a\0b c\n", 8)), "a|");
}

TEST(ScriptLine, IsNoneWithoutAnInterpreter)
{
    for (const char* file : {"#!", "#!\n", "#! \t \n/bin/sh"}) {
        EXPECT_EQ(parts(file), "ENOEXEC") << file;
    }
}

TEST(ScriptLine, IsCutAtItsGreatestLengthButNotInTheInterpretersName)
{
    const std::string fits(ScriptLine::kMaximumLength - 3, 'i');
    EXPECT_EQ(parts("#!" + fits + "\n"), fits + "|");
    EXPECT_EQ(parts("#!" + fits + "i"), "ENOEXEC") << "it may go on";
    EXPECT_EQ(parts("#!" + fits + "ii\n"), "ENOEXEC");
    EXPECT_EQ(parts("#!i " + std::string(1000, 'a')), "i|" + std::string(ScriptLine::kMaximumLength - 5, 'a'));
}

} // namespace
