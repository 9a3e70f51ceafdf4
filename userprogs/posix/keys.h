// SPDX-License-Identifier: MIT
// Keys from the bytes that a raw terminal sends: the sequences of an ANSI terminal, as xterm and Linux's console send
// them.
#pragma once

#include "posix/view.h"

namespace posix {

struct Key {
    enum class Kind {
        Text,    ///< `text`: one character, or one byte that belongs to none
        Control, ///< `text`: one byte below 0x20, or 0x7f
        Alt,     ///< `text`: what came behind an escape
        Escape,  ///< the escape key, or a sequence that means nothing here
        Up,
        Down,
        Left,
        Right,
        Home,
        End,
        PageUp,
        PageDown,
        Insert,
        Delete,
        Woken, ///< something can be read from `wake`, or a signal came
        Gone,  ///< end of input, or an error: no key will come any more
    };

    Kind kind = Kind::Gone;
    char bytes[4] = {};
    size_t size = 0;

    View text() const { return {bytes, size}; }
    /// Whether this is ^`letter`.
    bool is_control(char letter) const { return kind == Kind::Control && bytes[0] == (letter & 0x1f); }
};

class KeyReader {
public:
    /// Reads up to `chunk` bytes (at most 4096) of `fd` at a time: 1 leaves what follows a key to whoever reads then.
    /// `wake`, if it is none of -1, ends the waiting when something can be read from it.
    KeyReader(int fd, size_t chunk, int wake = -1) : fd_{fd}, wake_{wake}, chunk_{chunk} {}

    /// Waits for the next key.
    Key read();
    /// Whether a key can be read without waiting.
    bool pending() const;

private:
    enum class Got { Byte, Nothing, Woken, Gone };

    Got next_byte(char& byte, int timeout_milliseconds);
    Got wait(int timeout_milliseconds) const;
    Key sequence();
    Key character(char first);

    int fd_, wake_;
    size_t chunk_;
    char bytes_[4096] = {};
    size_t begin_ = 0, end_ = 0;
};

} // namespace posix
