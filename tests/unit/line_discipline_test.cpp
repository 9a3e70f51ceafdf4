// SPDX-License-Identifier: MIT
// Property: a line is what is left when each key has done what it does on a terminal, and the screen shows it.
#include "device/line_discipline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using kernel::LineDiscipline;
using Event = LineDiscipline::Event;

class Screen final : public base::Writer {
public:
    void write(base::StringView text) override { shown.append(text.data(), text.size()); }
    std::string shown;
};

class Line : public ::testing::Test {
protected:
    /// Types all of `keys`; how the last one ended.
    Event type(const std::string& keys)
    {
        Event event = Event::None;
        for (const char key : keys) {
            event = line_.take(key, screen_);
        }
        return event;
    }
    std::string text() const { return {line_.text().begin(), line_.text().end()}; }

    LineDiscipline line_;
    Screen screen_;
};

TEST_F(Line, EndsWithEnter)
{
    EXPECT_EQ(type("hello"), Event::None);
    EXPECT_EQ(type("\r"), Event::Line);
    EXPECT_EQ(text(), "hello\n");
    EXPECT_EQ(screen_.shown, "hello\n");
    line_.clear();
    EXPECT_EQ(type("\n"), Event::Line);
    EXPECT_EQ(text(), "\n");
}

TEST_F(Line, IsEdited)
{
    EXPECT_EQ(type("helpx\x7flo\b"), Event::None);
    EXPECT_EQ(text(), "helpl");
    EXPECT_EQ(type("\x15"), Event::None);
    EXPECT_EQ(text(), "");
    type("\x7f\x7f\x15");
    EXPECT_EQ(text(), "");
    EXPECT_EQ(screen_.shown, "helpx\b \blo\b \b\b \b\b \b\b \b\b \b\b \b");
}

TEST_F(Line, IsGivenUpAtAnInterrupt)
{
    EXPECT_EQ(type("rm everything\x03"), Event::Interrupt);
    EXPECT_EQ(text(), "");
    EXPECT_TRUE(screen_.shown.ends_with("^C\n"));
}

TEST_F(Line, EndsWithoutANewlineAtTheEndOfInput)
{
    EXPECT_EQ(type("half\x04"), Event::EndOfInput);
    EXPECT_EQ(text(), "half");
    line_.clear();
    EXPECT_EQ(type("\x04"), Event::EndOfInput);
    EXPECT_EQ(text(), "");
}

TEST_F(Line, HoldsSoManyPrintableCharacters)
{
    EXPECT_EQ(type(std::string(300, 'x') + "\x01\t\x1b\xc3\xa9"), Event::None);
    EXPECT_EQ(type("\r"), Event::Line);
    EXPECT_EQ(text(), std::string(LineDiscipline::kLongestLine, 'x') + "\n");
}

} // namespace
