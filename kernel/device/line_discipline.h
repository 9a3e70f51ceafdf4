// SPDX-License-Identifier: MIT
// The terminal line discipline: what typed bytes become, in canonical and in raw mode, and what the screen shows of
// them. Decisions only: signals are values, output goes to the caller's Writer. [termios(3); POSIX.1-2017 XBD 11
// "General Terminal Interface"; Linux drivers/tty/n_tty.c] Not there: parity and break (IGNBRK, BRKINT, IGNPAR, PARMRK,
// INPCK), IXOFF, IMAXBEL, FLUSHO, EXTPROC.
#pragma once

#include "base/format.h"
#include "base/span.h"
#include "device/line_buffer.h"
#include "device/output_processing.h"
#include "uapi/signals.h"
#include "uapi/termios.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kernel {

class LineDiscipline {
public:
    /// Bytes of a line with its newline; of what is typed beyond, each byte takes the place of the one before.
    static constexpr std::size_t kLongestLine = LineBuffer::kSize;

    const uapi::Termios& modes() const { return modes_; }
    /// From now on.  What was typed in raw mode becomes a line of its own in canonical mode.
    void set_modes(const uapi::Termios& modes);

    /// Whether receive() may be called: in canonical mode always while no line is finished.
    bool has_room() const { return buffer_.size() + 1 < kLongestLine || (canonical() && buffer_.finished() == 0); }
    /// Takes the next typed byte, and shows on `echo` what it does.
    /// @return  the signal that it is for the foreground group
    std::optional<uapi::Signal> receive(std::uint8_t byte, base::Writer& echo);
    /// Output is held by VSTOP (^S) until VSTART (^Q); whoever writes waits.
    bool stopped() const { return stopped_; }
    void set_stopped(bool value) { stopped_ = value; }

    /// A program's output, as OPOST has it.
    void write(base::StringView bytes, base::Writer& out) { output_.put(bytes, out); }

    /// Whether a read finds something: a line in canonical mode (an empty one for the end of input), else `least`
    /// bytes.
    bool readable(std::size_t least = 1) const
    {
        return canonical() ? buffer_.finished() > 0 : buffer_.size() >= least;
    }
    /// The bytes that a read can take, FIONREAD: of finished lines, without their ends of input.
    std::size_t unread() const;
    /// Copies what one read gives: the begin of one line, or of the raw bytes.  It is still there.
    std::size_t peek(base::Span<std::uint8_t> to) const;
    /// Takes out the first `count` bytes that peek() has given; an end of input behind them goes along.
    /// @return  whether a line ends there, in canonical mode
    bool consume(std::size_t count);
    /// Forgets the rest of a line of which a part has been read.
    void drop_begun_line();
    /// Forgets what has been typed.
    void flush_input();

    bool canonical() const { return has_local(uapi::local_mode::kIcanon); }
    /// VMIN and VTIME: bytes, tenths of a second.
    std::uint8_t least_bytes() const { return modes_.characters[uapi::control_character::kMin]; }
    std::uint8_t patience() const { return modes_.characters[uapi::control_character::kTime]; }

private:
    bool has_input(std::uint32_t mode) const { return (modes_.input & mode) != 0; }
    bool has_local(std::uint32_t mode) const { return (modes_.local & mode) != 0; }
    /// Whether `byte` is that control character.
    bool is(std::uint8_t byte, unsigned character) const { return byte != 0 && byte == modes_.characters[character]; }

    bool flow(std::uint8_t byte);
    std::optional<uapi::Signal> signal_of(std::uint8_t byte) const;
    bool edit(std::uint8_t byte, base::Writer& echo);
    void reprint(std::uint8_t byte, base::Writer& echo);
    void take_literally(std::uint8_t byte, base::Writer& echo);

    void erase(std::uint8_t byte, base::Writer& echo);
    void kill_unseen(base::Writer& echo);
    void show_erased(std::size_t count, bool one, base::Writer& echo);
    void show_erased_tab(std::size_t count, base::Writer& echo);
    std::size_t last_character() const;

    void echo_byte(std::uint8_t byte, base::Writer& echo);
    void begin_typing();
    void finish_erasing(base::Writer& echo);

    uapi::Termios modes_ = uapi::kSaneTermios;
    LineBuffer buffer_;
    OutputProcessing output_;
    bool literal_next_ = false; ///< VLNEXT came
    bool erasing_ = false;      ///< ECHOPRT shows what is erased after a '\'
    bool stopped_ = false;
    bool begun_ = false; ///< a part of the first line has been read
};

} // namespace kernel
