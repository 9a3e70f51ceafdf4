// SPDX-License-Identifier: GPL-2.0-or-later
// What a long run is doing: one line on stderr that is written over and over, gone when the run has ended.
// It asks the clock and the machine between slices of a run only, so that it costs the run nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace ringcheck::cli {

enum class ProgressMode : std::uint8_t {
    Auto,   ///< when stderr is a terminal, from the first second on
    Always, ///< at once; lines below each other when stderr is no terminal
    Never,
};

class Progress {
public:
    /// What a line tells.
    struct Now {
        std::uint64_t instructions = 0, guest_nanoseconds = 0;
        std::string where; ///< the function that the guest is in
    };

    explicit Progress(ProgressMode mode);
    ~Progress() { hide(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// What runs, in front of the numbers: "trace 3 of 60".  A new thing begins.
    void begin(std::string what);
    bool enabled() const { return enabled_; }
    /// How many instructions to run before the next call of tell().
    std::uint64_t slice() const { return slice_; }
    /// Shows a line when it is time; `now` is asked only then.
    /// @param ran  instructions since the last call
    void tell(std::uint64_t ran, const std::function<Now()>& now);
    /// Takes the line away, so that something else can be printed; it comes again with the next tell().
    void hide();

private:
    using Clock = std::chrono::steady_clock;

    bool enabled_, terminal_, shown_ = false;
    std::string what_;
    std::uint64_t slice_;
    Clock::time_point next_, last_call_, last_shown_;
    std::uint64_t last_instructions_ = 0;
    Clock::duration patience_;
};

} // namespace ringcheck::cli
