// SPDX-License-Identifier: MIT
#include "posix/keys.h"

#include "posix/glyph.h"
#include "posix/memory.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

namespace posix {
namespace {

constexpr char kEscape = '\x1b';
/// A terminal sends the rest of a sequence at once; a person needs longer for a second key.
constexpr int kSequenceMilliseconds = 50;

using Kind = Key::Kind;

Key plain(Kind kind)
{
    return {.kind = kind};
}

Key with_byte(Kind kind, char byte)
{
    Key key{.kind = kind};
    key.bytes[0] = byte;
    key.size = 1;
    return key;
}

/// ESC [ NUMBER ~
Kind numbered(unsigned number)
{
    switch (number) {
    case 1:
    case 7: return Kind::Home;
    case 2: return Kind::Insert;
    case 3: return Kind::Delete;
    case 4:
    case 8: return Kind::End;
    case 5: return Kind::PageUp;
    case 6: return Kind::PageDown;
    default: return Kind::Escape;
    }
}

/// ESC [ LETTER, ESC O LETTER
Kind lettered(char letter)
{
    switch (letter) {
    case 'A': return Kind::Up;
    case 'B': return Kind::Down;
    case 'C': return Kind::Right;
    case 'D': return Kind::Left;
    case 'H': return Kind::Home;
    case 'F': return Kind::End;
    default: return Kind::Escape;
    }
}

} // namespace

bool KeyReader::pending() const
{
    return begin_ < end_ || wait(0) == Got::Byte;
}

KeyReader::Got KeyReader::wait(int timeout_milliseconds) const
{
    pollfd waited[] = {{.fd = fd_, .events = POLLIN, .revents = 0}, {.fd = wake_, .events = POLLIN, .revents = 0}};
    const int ready = poll(waited, wake_ < 0 ? 1 : 2, timeout_milliseconds);
    if (ready < 0) {
        return errno == EINTR ? Got::Woken : Got::Gone;
    }
    if (ready == 0) {
        return Got::Nothing;
    }
    return wake_ >= 0 && waited[1].revents != 0 ? Got::Woken : Got::Byte;
}

KeyReader::Got KeyReader::next_byte(char& byte, int timeout_milliseconds)
{
    if (begin_ == end_) {
        // Without a second descriptor and without a limit of time, read(2) waits itself.
        if (wake_ >= 0 || timeout_milliseconds >= 0) {
            const Got got = wait(timeout_milliseconds);
            if (got != Got::Byte) {
                return got;
            }
        }
        const ssize_t count = ::read(fd_, bytes_, smaller(chunk_, sizeof bytes_));
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            return Got::Woken;
        }
        if (count <= 0) {
            return Got::Gone;
        }
        begin_ = 0;
        end_ = static_cast<size_t>(count);
    }
    byte = bytes_[begin_++];
    return Got::Byte;
}

Key KeyReader::read()
{
    char byte = 0;
    const Got got = next_byte(byte, -1);
    if (got != Got::Byte) {
        return plain(got == Got::Gone ? Kind::Gone : Kind::Woken);
    }
    if (byte == kEscape) {
        return sequence();
    }
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) {
        return with_byte(Kind::Control, byte);
    }
    return character(byte);
}

Key KeyReader::sequence()
{
    char byte = 0;
    if (next_byte(byte, kSequenceMilliseconds) != Got::Byte) {
        return plain(Kind::Escape);
    }
    if (byte != '[' && byte != 'O') {
        return with_byte(Kind::Alt, byte);
    }
    const bool is_control_sequence = byte == '[';
    unsigned number = 0;
    bool is_first_parameter = true;
    // Parameters, then a last byte in 0x40..0x7e.  [ECMA-48 "Control sequences"]
    while (next_byte(byte, kSequenceMilliseconds) == Got::Byte) {
        if (is_control_sequence && is_digit(byte)) {
            if (is_first_parameter && number < 1000) {
                number = number * 10 + static_cast<unsigned>(byte - '0');
            }
        } else if (is_control_sequence && byte == ';') {
            is_first_parameter = false;
        } else {
            return plain(byte == '~' ? numbered(number) : lettered(byte));
        }
    }
    return plain(Kind::Escape);
}

Key KeyReader::character(char first)
{
    Key key = with_byte(Kind::Text, first);
    const auto lead = static_cast<unsigned char>(first);
    const size_t wanted = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
    while (key.size < wanted) {
        char byte = 0;
        if (next_byte(byte, kSequenceMilliseconds) != Got::Byte) {
            break;
        }
        if ((byte & 0xc0) != 0x80) {
            --begin_; // it begins something else
            break;
        }
        key.bytes[key.size++] = byte;
    }
    return key;
}

} // namespace posix
