// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/progress.h"

#include "cli/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ringcheck::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kFirstSlice = 1'000'000, kLongestSlice = 200'000'000;
constexpr auto kSliceTime = 50ms, kTerminalInterval = 200ms, kLineInterval = 1000ms;

std::size_t columns()
{
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

double seconds(std::chrono::steady_clock::duration time)
{
    return std::chrono::duration<double>(time).count();
}

} // namespace

Progress::Progress(ProgressMode mode)
    : enabled_(mode == ProgressMode::Always || (mode == ProgressMode::Auto && isatty(STDERR_FILENO) != 0)),
      terminal_(isatty(STDERR_FILENO) != 0), slice_(kFirstSlice), patience_(mode == ProgressMode::Always ? 0ms : 1000ms)
{
    begin("");
}

void Progress::begin(std::string what)
{
    hide();
    what_ = std::move(what);
    last_call_ = last_shown_ = Clock::now();
    next_ = last_call_ + patience_;
    last_instructions_ = 0;
}

void Progress::tell(std::uint64_t ran, const std::function<Now()>& now)
{
    const Clock::time_point time = Clock::now();
    const double took = seconds(time - last_call_);
    last_call_ = time;
    if (took > 0) {
        const double fitting = static_cast<double>(ran) / took * seconds(kSliceTime);
        slice_ = std::clamp(static_cast<std::uint64_t>(std::min(fitting, 1e12)), kFirstSlice / 100, kLongestSlice);
    }
    if (!enabled_ || time < next_) {
        return;
    }
    next_ = time + (terminal_ ? kTerminalInterval : kLineInterval);
    const Now state = now();
    const double interval = std::max(seconds(time - last_shown_), 1e-9);
    const double rate = static_cast<double>(state.instructions - last_instructions_) / interval / 1e6;
    last_shown_ = time;
    last_instructions_ = state.instructions;
    std::string line = fmt::format("{}{}{:.1f} M instructions, {:.1f} M/s, guest time {:.3f} s, in {}", what_,
                                   what_.empty() ? "" : ": ", static_cast<double>(state.instructions) / 1e6, rate,
                                   static_cast<double>(state.guest_nanoseconds) / 1e9, state.where);
    if (terminal_) {
        line.resize(std::min(line.size(), columns() - 1));
        print_error("\r" + line + "\x1b[K");
    } else {
        print_error(line + "\n");
    }
    shown_ = terminal_;
}

void Progress::hide()
{
    if (shown_) {
        print_error("\r\x1b[K");
        shown_ = false;
    }
}

} // namespace ringcheck::cli
