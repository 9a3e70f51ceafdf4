// SPDX-License-Identifier: MIT
// Property: the line discipline does what the host kernel's does on a pseudo-terminal: the same bytes typed under the
// same modes are echoed as the same bytes and read as the same bytes, read by read.  [pty(7)]
#include "device/line_discipline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <random>
#include <string>
#include <sys/ioctl.h>
#include <termios.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using kernel::LineDiscipline;
namespace input = uapi::input_mode;
namespace output = uapi::output_mode;
namespace local = uapi::local_mode;
namespace control = uapi::control_character;

class Text final : public base::Writer {
public:
    void write(base::StringView bytes) override { text.append(bytes.data(), bytes.size()); }
    std::string text;
};

/// One step of a case: other modes, then what is typed, then what is written, then how many bytes each read asks for.
struct Step {
    uapi::Termios modes;
    std::string typed;
    std::string written;
    std::size_t asked;
};

struct Outcome {
    std::string shown;
    std::vector<std::string> reads;
    bool operator==(const Outcome&) const = default;
};

/// Printed by a failing comparison.
std::string quoted(const std::string& text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c >= ' ' && c < 0x7f) {
            result += c;
        } else {
            char code[8];
            std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(c));
            result += code;
        }
    }
    return result + '"';
}

void PrintTo(const Outcome& outcome, std::ostream* out)
{
    *out << "\n    shown " << quoted(outcome.shown) << "\n    reads";
    for (const std::string& text : outcome.reads) {
        *out << ' ' << quoted(text);
    }
}

/// A pseudo-terminal of the host's.
class Pty {
public:
    Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK))
    {
        if (master_ >= 0 && grantpt(master_) == 0 && unlockpt(master_) == 0) {
            slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_NONBLOCK);
        }
    }
    Pty(const Pty&) = delete;
    Pty& operator=(const Pty&) = delete;
    ~Pty()
    {
        close(slave_);
        close(master_);
    }
    bool works() const { return slave_ >= 0; }

    /// @param patience  how long the host may take to work on what was typed before it is read
    Outcome perform(const Step& step, std::chrono::microseconds patience)
    {
        set_modes(step.modes);
        send(master_, step.typed);
        pollfd polled{slave_, POLLIN, 0};
        poll(&polled, 1, 0); // the host works on what was typed, where nothing can be read yet
        std::this_thread::sleep_for(patience);
        Outcome outcome;
        outcome.shown = receive(master_);
        send(slave_, step.written);
        outcome.shown += receive(master_);
        std::string buffer(step.asked, '\0');
        // In canonical mode a read may give no byte; in raw mode that is what stands for nothing left.
        for (;;) {
            const ssize_t count = read(slave_, buffer.data(), buffer.size());
            if (count < 0 || (count == 0 && (step.modes.local & local::kIcanon) == 0)) {
                break;
            }
            outcome.reads.emplace_back(buffer, 0, static_cast<std::size_t>(count));
        }
        return outcome;
    }

private:
    void set_modes(const uapi::Termios& modes) const
    {
        termios host{};
        tcgetattr(slave_, &host);
        host.c_iflag = modes.input;
        host.c_oflag = modes.output;
        host.c_lflag = modes.local;
        for (unsigned i = 0; i < control::kCount; ++i) {
            host.c_cc[i] = modes.characters[i];
        }
        tcsetattr(slave_, TCSANOW, &host);
    }

    static void send(int descriptor, const std::string& bytes)
    {
        if (!bytes.empty()) {
            EXPECT_EQ(write(descriptor, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
        }
    }

    static std::string receive(int descriptor)
    {
        std::string result;
        char buffer[4096];
        for (;;) {
            const ssize_t count = read(descriptor, buffer, sizeof buffer);
            if (count <= 0) {
                return result;
            }
            result.append(buffer, static_cast<std::size_t>(count));
        }
    }

    int master_;
    int slave_ = -1;
};

/// The same with ours.
Outcome perform(LineDiscipline& line, const Step& step)
{
    Text screen;
    Outcome outcome;
    line.set_modes(step.modes);
    for (const char byte : step.typed) {
        const std::size_t shown = screen.text.size();
        if (line.has_room() && line.receive(static_cast<std::uint8_t>(byte), screen) &&
            (step.modes.local & local::kNoflsh) == 0) {
            screen.text.erase(0, shown); // the host's screen has not looked yet: a signal flushes output too
        }
    }
    line.write({step.written.data(), step.written.size()}, screen);
    outcome.shown = screen.text;
    std::vector<std::uint8_t> buffer(step.asked);
    while (line.readable()) {
        const std::size_t count = line.peek({buffer.data(), buffer.size()});
        line.consume(count);
        outcome.reads.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return outcome;
}

/// A case of several steps on one terminal; the host gets more time where the outcomes differ.
void expect_same(const std::vector<Step>& steps, const std::string& name)
{
    std::vector<Outcome> expected, actual;
    for (const int patience : {200, 5'000, 100'000}) {
        Pty pty;
        auto line = std::make_unique<LineDiscipline>();
        expected.clear();
        actual.clear();
        for (const Step& step : steps) {
            expected.push_back(pty.perform(step, std::chrono::microseconds(patience)));
            actual.push_back(perform(*line, step));
        }
        if (expected == actual) {
            return;
        }
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const uapi::Termios& modes = steps[i].modes;
        EXPECT_EQ(actual[i], expected[i])
            << name << ", step " << i << ", which was expected of the host\n    typed " << quoted(steps[i].typed)
            << "\n    written " << quoted(steps[i].written) << "\n    asked " << steps[i].asked << std::oct
            << " iflag 0" << modes.input << " oflag 0" << modes.output << " lflag 0" << modes.local;
    }
}

class HostTerminal : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (!Pty().works()) {
            GTEST_SKIP() << "SKIPPED: this host has no pseudo-terminals";
        }
    }
};

TEST_F(HostTerminal, ReadsAndShowsTheSameInItsUsualModes)
{
    const uapi::Termios sane = uapi::kSaneTermios;
    expect_same({{sane, "hello\r", "", 80},
                 {sane, "abc\x7f\x7f\x7f\x7fxy\x15one two_3 \x17z\r", "", 80},
                 {sane, "a\tb\x7f\x7f\t\t\x7f\x01\x7f\x12\r", "\tx\n", 80},
                 {sane, "half\x04\x04more\r", "", 4},
                 {sane, "\x16\x03\x16\x04\x04", "", 80},
                 {sane, "gone\x03kept\r", "a\nb\r\n", 80},
                 {sane, std::string(100, 'x') + "\n\n\n", "", 7}},
                "usual modes");
}

TEST_F(HostTerminal, KeepsALineOfTheSameLength)
{
    for (const std::size_t size : {4094U, 4095U, 4096U, 4097U, 5000U}) {
        uapi::Termios quiet = uapi::kSaneTermios;
        quiet.local &= ~local::kEcho;
        expect_same({{quiet, std::string(size, 'x') + "y\x7fz\n", "", 8192}}, std::to_string(size) + " bytes");
    }
}

TEST_F(HostTerminal, MakesALineOfWhatWasTypedInRawMode)
{
    uapi::Termios raw = uapi::kSaneTermios;
    raw.local &= ~(local::kIcanon | local::kIsig);
    raw.characters[control::kMin] = 0;
    const uapi::Termios sane = uapi::kSaneTermios;
    expect_same({{raw, "raw\rbytes\x03", "", 3}, {sane, "line\r", "", 80}, {raw, "\x04\x7f", "", 80}}, "raw");
}

uapi::Termios random_modes(std::mt19937_64& random)
{
    const auto some = [&random](std::uint32_t modes) {
        return modes & static_cast<std::uint32_t>(random() | random()); // three of four
    };
    uapi::Termios modes = uapi::kSaneTermios;
    modes.input =
        some(input::kIcrnl) | (some(~0U) & some(~0U) & some(~0U) & random() &
                               (input::kIstrip | input::kInlcr | input::kIgncr | input::kIuclc | input::kIutf8));
    modes.output = some(output::kOpost | output::kOnlcr) |
                   (random() & random() & (output::kOlcuc | output::kOcrnl | output::kOnocr | output::kOnlret)) |
                   (random() % 4 == 0 ? output::kXtabs : 0);
    modes.local = some(local::kIsig | local::kIcanon | local::kEcho | local::kEchoe | local::kEchok | local::kEchoctl |
                       local::kEchoke | local::kIexten) |
                  (random() & random() & (local::kEchonl | local::kEchoprt));
    // Without it the host forgets echo that it has not shown yet, and so where the cursor is: not the same twice.
    modes.local |= local::kNoflsh;
    // VLNEXT after an erasure that only ECHOPRT shows makes the host print its echo buffer's zeros.
    modes.local |= (modes.local & local::kEchoprt) != 0 ? local::kEchoctl : 0;
    modes.characters[control::kMin] = 0;
    if (random() % 4 == 0) {
        modes.characters[control::kEol] = ';';
        modes.characters[control::kEol2] = ',';
        modes.characters[control::kErase] = '\b';
    }
    return modes;
}

std::string random_bytes(std::mt19937_64& random, std::size_t most)
{
    static const std::string kKeys = "ab cd_1;,\t\t\xc3\xa9\xe2\x82\xac\x7f\x7f\x7f\x17\x15\x16\x12\x04\r\n\n\b";
    std::string bytes(random() % most, '\0');
    for (char& byte : bytes) {
        const std::uint64_t kind = random() % 64;
        byte = kind < 60 ? kKeys[random() % kKeys.size()] : kind < 62 ? '\x03' : static_cast<char>(random());
        byte = byte == '\xff' ? 'x' : byte; // the escape of the host's echo buffer, which OPOST does not see
    }
    return bytes;
}

TEST_F(HostTerminal, ReadsAndShowsTheSameInRandomModes)
{
    constexpr unsigned kCases = 400;
    for (unsigned seed = 0; seed < kCases && !HasFailure(); ++seed) {
        std::mt19937_64 random(seed);
        std::vector<Step> steps(1 + random() % 4);
        for (Step& step : steps) {
            step = {random_modes(random), random_bytes(random, 60), random_bytes(random, 12), 1 + random() % 40};
        }
        expect_same(steps, "seed " + std::to_string(seed));
    }
}

} // namespace
