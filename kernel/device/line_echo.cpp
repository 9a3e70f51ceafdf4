// SPDX-License-Identifier: MIT
// What the line discipline shows: echo, and the erasing of what it has shown.
#include "device/character_class.h"
#include "device/line_discipline.h"

namespace kernel {

namespace local = uapi::local_mode;
namespace control = uapi::control_character;

void LineDiscipline::echo_byte(std::uint8_t byte, base::Writer& echo)
{
    if (has_local(local::kEchoctl) && is_control(byte) && byte != '\t') {
        output_.put_caret(byte, echo);
    } else {
        output_.put(byte, echo);
    }
}

void LineDiscipline::begin_typing()
{
    if (buffer_.open() == 0) {
        output_.begin_typing();
    }
}

void LineDiscipline::finish_erasing(base::Writer& echo)
{
    if (erasing_) {
        output_.put('/', echo);
        erasing_ = false;
    }
}

/// Bytes of the last character of the line, 0 when it is no whole one.
std::size_t LineDiscipline::last_character() const
{
    const bool utf8 = (modes_.input & uapi::input_mode::kIutf8) != 0;
    std::size_t count = 1;
    while (utf8 && continues_utf8(buffer_.from_end(count))) {
        if (count == buffer_.open()) {
            return 0;
        }
        ++count;
    }
    return count;
}

/// VERASE, VWERASE, VKILL.
void LineDiscipline::erase(std::uint8_t byte, base::Writer& echo)
{
    if (buffer_.open() == 0) {
        return;
    }
    const bool one = is(byte, control::kErase), word = !one && is(byte, control::kWerase);
    const std::uint32_t seen = local::kEcho | local::kEchok | local::kEchoke | local::kEchoe;
    if (!one && !word && (modes_.local & seen) != seen) {
        kill_unseen(echo);
        return;
    }
    bool in_word = false;
    while (buffer_.open() > 0) {
        const std::size_t count = last_character();
        if (count == 0) {
            break;
        }
        const std::uint8_t first = buffer_.from_end(count);
        const bool belongs = is_letter_or_digit(first) || first == '_';
        if (word && in_word && !belongs) {
            break;
        }
        in_word = in_word || belongs;
        if (has_local(local::kEcho)) {
            show_erased(count, one, echo);
        }
        buffer_.drop_last(count);
        if (one) {
            break;
        }
    }
    if (buffer_.open() == 0 && has_local(local::kEcho)) {
        finish_erasing(echo);
    }
}

/// VKILL where the screen keeps what is killed.
void LineDiscipline::kill_unseen(base::Writer& echo)
{
    buffer_.drop_last(buffer_.open());
    if (!has_local(local::kEcho)) {
        return;
    }
    finish_erasing(echo);
    echo_byte(modes_.characters[control::kKill], echo);
    if (has_local(local::kEchok)) {
        output_.put('\n', echo);
    }
}

/// @param count  bytes of the last character, which is still there
void LineDiscipline::show_erased(std::size_t count, bool one, base::Writer& echo)
{
    const std::uint8_t first = buffer_.from_end(count);
    if (has_local(local::kEchoprt)) {
        if (!erasing_) {
            output_.put('\\', echo);
            erasing_ = true;
        }
        echo_byte(first, echo);
        for (std::size_t back = count - 1; back > 0; --back) {
            output_.put(buffer_.from_end(back), echo);
            output_.move_back();
        }
    } else if (one && !has_local(local::kEchoe)) {
        echo_byte(modes_.characters[control::kErase], echo);
    } else if (first == '\t') {
        show_erased_tab(count, echo);
    } else {
        const unsigned columns = !is_control(first) ? 1 : has_local(local::kEchoctl) ? 2 : 0;
        for (unsigned i = 0; i < columns; ++i) {
            output_.put("\b \b", echo);
        }
    }
}

void LineDiscipline::show_erased_tab(std::size_t count, base::Writer& echo)
{
    const bool utf8 = (modes_.input & uapi::input_mode::kIutf8) != 0;
    unsigned columns = 0;
    for (std::size_t back = count + 1; back <= buffer_.open(); ++back) {
        const std::uint8_t byte = buffer_.from_end(back);
        if (byte == '\t') {
            output_.erase_tab(columns, true, echo);
            return;
        }
        if (is_control(byte)) {
            columns += has_local(local::kEchoctl) ? 2 : 0;
        } else {
            columns += utf8 && continues_utf8(byte) ? 0 : 1;
        }
    }
    output_.erase_tab(columns, false, echo);
}

} // namespace kernel
