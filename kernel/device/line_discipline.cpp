// SPDX-License-Identifier: MIT
#include "device/line_discipline.h"

#include "device/character_class.h"

namespace kernel {

namespace input = uapi::input_mode;
namespace local = uapi::local_mode;
namespace control = uapi::control_character;
using uapi::Signal;

namespace {

/// What stands in the buffer for an end of input; a read does not give it.
constexpr std::uint8_t kEndOfInput = 0;

} // namespace

void LineDiscipline::set_modes(const uapi::Termios& modes)
{
    const bool changes_lines = ((modes_.local ^ modes.local) & local::kIcanon) != 0;
    if ((modes_.input & ~modes.input & input::kIxon) != 0) {
        stopped_ = false; // nobody could start it again
    }
    modes_ = modes;
    output_.set_modes(modes.output, has_input(input::kIutf8));
    if (!changes_lines) {
        return;
    }
    buffer_.forget_lines();
    if (canonical() && buffer_.size() > 0) {
        buffer_.finish_line();
    }
    erasing_ = false;
    literal_next_ = false;
}

std::optional<Signal> LineDiscipline::receive(std::uint8_t byte, base::Writer& echo)
{
    if (buffer_.full()) {
        buffer_.drop_last(1); // has_room(): all of it is one line that is being typed
    }
    byte = has_input(input::kIstrip) ? byte & 0x7f : byte;
    byte = has_input(input::kIuclc) && has_local(local::kIexten) ? to_lower(byte) : byte;
    if (literal_next_) {
        literal_next_ = false;
        take_literally(byte, echo);
        return {};
    }
    if (has_input(input::kIxon) && flow(byte)) {
        return {};
    }
    if (const std::optional<Signal> signal = signal_of(byte)) {
        if (!has_local(local::kNoflsh)) {
            flush_input();
        }
        stopped_ = stopped_ && !has_input(input::kIxon);
        if (has_local(local::kEcho)) {
            echo_byte(byte, echo);
        }
        return signal;
    }
    if (stopped_ && has_input(input::kIxon) && has_input(input::kIxany)) {
        stopped_ = false;
    }
    bool is_newline = false; // of which the echo is no "^J"
    if (byte == '\r' && has_input(input::kIgncr)) {
        return {};
    }
    if (byte == '\r' && has_input(input::kIcrnl)) {
        byte = '\n';
        is_newline = true;
    } else if (byte == '\n' && has_input(input::kInlcr)) {
        byte = '\r';
    }
    if (canonical() && edit(byte, echo)) {
        return {};
    }
    if (is_newline && has_local(local::kEcho)) {
        finish_erasing(echo);
        output_.put(byte, echo);
        buffer_.put(byte);
        return {};
    }
    take_literally(byte, echo);
    return {};
}

bool LineDiscipline::flow(std::uint8_t byte)
{
    if (is(byte, control::kStart)) {
        stopped_ = false;
        return true;
    }
    if (is(byte, control::kStop)) {
        stopped_ = true;
        return true;
    }
    return false;
}

std::optional<Signal> LineDiscipline::signal_of(std::uint8_t byte) const
{
    if (!has_local(local::kIsig)) {
        return {};
    }
    if (is(byte, control::kIntr)) {
        return Signal::Sigint;
    }
    if (is(byte, control::kQuit)) {
        return Signal::Sigquit;
    }
    return is(byte, control::kSusp) ? std::optional(Signal::Sigtstp) : std::nullopt;
}

/// Canonical mode's own: false when `byte` is an ordinary one.
bool LineDiscipline::edit(std::uint8_t byte, base::Writer& echo)
{
    const bool extended = has_local(local::kIexten), shown = has_local(local::kEcho);
    if (is(byte, control::kErase) || is(byte, control::kKill) || (extended && is(byte, control::kWerase))) {
        erase(byte, echo);
    } else if (extended && is(byte, control::kLnext)) {
        literal_next_ = true;
        if (shown) {
            finish_erasing(echo);
            if (has_local(local::kEchoctl)) {
                output_.put('^', echo);
                output_.put('\b', echo);
            }
        }
    } else if (extended && shown && is(byte, control::kReprint)) {
        reprint(byte, echo);
    } else if (byte == '\n') {
        if (shown || has_local(local::kEchonl)) {
            output_.put(byte, echo);
        }
        buffer_.put_line_end(byte);
    } else if (is(byte, control::kEof)) {
        buffer_.put_line_end(kEndOfInput);
    } else if (is(byte, control::kEol) || (extended && is(byte, control::kEol2))) {
        if (shown) {
            begin_typing();
            echo_byte(byte, echo);
        }
        buffer_.put_line_end(byte);
    } else {
        return false;
    }
    return true;
}

void LineDiscipline::reprint(std::uint8_t byte, base::Writer& echo)
{
    finish_erasing(echo);
    echo_byte(byte, echo);
    output_.put('\n', echo);
    for (std::size_t back = buffer_.open(); back > 0; --back) {
        echo_byte(buffer_.from_end(back), echo);
    }
}

void LineDiscipline::take_literally(std::uint8_t byte, base::Writer& echo)
{
    if (has_local(local::kEcho)) {
        finish_erasing(echo);
        begin_typing();
        echo_byte(byte, echo);
    }
    buffer_.put(byte);
}

void LineDiscipline::flush_input()
{
    buffer_.clear();
    erasing_ = false;
    begun_ = false;
}

std::size_t LineDiscipline::unread() const
{
    if (!canonical()) {
        return buffer_.size();
    }
    std::size_t count = 0;
    for (std::size_t place = 0; place < buffer_.finished(); ++place) {
        count += buffer_.ends_line(place) && buffer_.at(place) == kEndOfInput ? 0 : 1;
    }
    return count;
}

std::size_t LineDiscipline::peek(base::Span<std::uint8_t> to) const
{
    const std::size_t available = canonical() ? buffer_.finished() : buffer_.size();
    std::size_t count = 0;
    while (count < available && count < to.size()) {
        const bool is_last = canonical() && buffer_.ends_line(count);
        if (is_last && buffer_.at(count) == kEndOfInput) {
            break;
        }
        to[count] = buffer_.at(count);
        ++count;
        if (is_last) {
            break;
        }
    }
    return count;
}

bool LineDiscipline::consume(std::size_t count)
{
    const bool line_ends = canonical() && count > 0 && buffer_.ends_line(count - 1);
    const bool input_ends = canonical() && !line_ends && count < buffer_.finished() && buffer_.ends_line(count) &&
                            buffer_.at(count) == kEndOfInput;
    buffer_.drop_first(count + (input_ends ? 1 : 0));
    begun_ = canonical() && !line_ends && !input_ends && (begun_ || count > 0);
    return line_ends || input_ends;
}

void LineDiscipline::drop_begun_line()
{
    std::uint8_t byte = 0;
    while (begun_ && buffer_.finished() > 0) {
        consume(peek({&byte, 1}));
    }
    begun_ = false;
}

} // namespace kernel
