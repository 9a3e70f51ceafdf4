// SPDX-License-Identifier: MIT
// Property: a line is what is left when each key has done what it does on a terminal, and the screen shows it; a read
// takes one line, or raw bytes.  pty_oracle_test.cpp compares with the host's terminal.
#include "device/line_discipline.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace {

using kernel::LineDiscipline;
using uapi::Signal;
namespace local = uapi::local_mode;
namespace control = uapi::control_character;

class Screen final : public base::Writer {
public:
    void write(base::StringView text) override { shown.append(text.data(), text.size()); }
    std::string shown;
};

class Line : public ::testing::Test {
protected:
    /// Types all of `keys`; the last signal.
    std::optional<Signal> type(const std::string& keys)
    {
        std::optional<Signal> signal;
        for (const char key : keys) {
            const std::optional<Signal> now = line_.receive(static_cast<std::uint8_t>(key), screen_);
            signal = now ? now : signal;
        }
        return signal;
    }
    std::string read(std::size_t count)
    {
        std::string buffer(count, '\0');
        const std::size_t taken = line_.peek({reinterpret_cast<std::uint8_t*>(buffer.data()), count});
        line_.consume(taken);
        return buffer.substr(0, taken);
    }
    void set(std::uint32_t on, std::uint32_t off)
    {
        uapi::Termios modes = line_.modes();
        modes.local = (modes.local & ~off) | on;
        line_.set_modes(modes);
    }

    LineDiscipline line_;
    Screen screen_;
};

TEST_F(Line, IsThereWithEnter)
{
    type("hello");
    EXPECT_FALSE(line_.readable());
    EXPECT_EQ(line_.unread(), 0U);
    type("\r");
    EXPECT_TRUE(line_.readable());
    EXPECT_EQ(line_.unread(), 6U);
    EXPECT_EQ(read(80), "hello\n");
    EXPECT_EQ(screen_.shown, "hello\r\n");
    EXPECT_FALSE(line_.readable());
}

TEST_F(Line, IsEdited)
{
    type("helpx\x7flo\x15\x7f\x15one two\x17three\r");
    EXPECT_EQ(read(80), "one three\n");
    EXPECT_TRUE(screen_.shown.starts_with("helpx\b \blo\b \b\b \b"));
}

TEST_F(Line, GivesSignalsAndForgetsWhatWasTyped)
{
    EXPECT_EQ(type("rm everything\x03"), Signal::Sigint);
    EXPECT_EQ(type("\x1c"), Signal::Sigquit);
    EXPECT_EQ(type("\x1a"), Signal::Sigtstp);
    EXPECT_EQ(type("x\r"), std::nullopt);
    EXPECT_EQ(read(80), "x\n");
    EXPECT_EQ(screen_.shown, "rm everything^C^\\^Zx\r\n");
    set(local::kNoflsh, 0);
    type("a\x03");
    type("b\r");
    EXPECT_EQ(read(80), "ab\n");
    set(0, local::kIsig);
    EXPECT_EQ(type("\x03\r"), std::nullopt);
    EXPECT_EQ(read(80), "\x03\n");
}

TEST_F(Line, EndsWithoutANewlineAtTheEndOfInput)
{
    type("half\x04\x04next\r");
    EXPECT_EQ(line_.unread(), 9U);
    EXPECT_EQ(read(4), "half") << "and the end of input is read with it";
    EXPECT_TRUE(line_.readable());
    EXPECT_EQ(read(80), "") << "the second one is the end of the file";
    EXPECT_EQ(read(80), "next\n");
}

TEST_F(Line, IsReadInParts)
{
    type("0123456789\rnext\r");
    EXPECT_EQ(read(4), "0123");
    EXPECT_EQ(read(4), "4567");
    EXPECT_EQ(read(80), "89\n");
    EXPECT_EQ(read(2), "ne");
    line_.drop_begun_line();
    EXPECT_FALSE(line_.readable());
    type("x\ry\r");
    line_.drop_begun_line();
    EXPECT_EQ(read(80), "x\n") << "of which nothing had been read";
}

TEST_F(Line, HoldsSoManyBytes)
{
    const std::size_t longest = LineDiscipline::kLongestLine;
    type(std::string(longest + 100, 'x') + "y\r");
    EXPECT_EQ(read(2 * longest), std::string(longest - 1, 'x') + "\n");
    type(std::string(longest - 2, 'x'));
    type("\r");
    EXPECT_FALSE(line_.has_room());
    EXPECT_EQ(read(1), "x");
    EXPECT_TRUE(line_.has_room());
}

TEST_F(Line, IsBytesInRawMode)
{
    set(0, local::kIcanon | local::kEcho | local::kIsig);
    screen_.shown.clear();
    type("\x7f\x03");
    EXPECT_TRUE(line_.readable());
    EXPECT_FALSE(line_.readable(3));
    type("\r");
    EXPECT_TRUE(line_.readable(3));
    EXPECT_EQ(read(80), "\x7f\x03\n");
    EXPECT_EQ(screen_.shown, "");
    type(std::string(LineDiscipline::kLongestLine - 1, 'x'));
    EXPECT_FALSE(line_.has_room());
}

TEST_F(Line, HoldsOutputBetweenStopAndStart)
{
    type("\x13");
    EXPECT_TRUE(line_.stopped());
    type("x");
    EXPECT_TRUE(line_.stopped());
    type("\x11");
    EXPECT_FALSE(line_.stopped());
    type("\x13\x03");
    EXPECT_FALSE(line_.stopped()) << "a signal starts it";
    type("\x13");
    uapi::Termios modes = line_.modes();
    modes.input &= ~uapi::input_mode::kIxon;
    line_.set_modes(modes);
    EXPECT_FALSE(line_.stopped()) << "nobody could start it any more";
}

} // namespace
