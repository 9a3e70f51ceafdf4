// SPDX-License-Identifier: MIT
// What a terminal makes of the bytes that programs write and that the echo shows: OPOST, and the columns that tabs and
// their erasure depend on.  [termios(3) "c_oflag"; Linux drivers/tty/n_tty.c do_output_char]
#pragma once

#include "base/format.h"
#include "uapi/termios.h"

#include <cstddef>
#include <cstdint>

namespace kernel {

class OutputProcessing {
public:
    /// c_oflag, and whether bytes are UTF-8 (IUTF8).
    void set_modes(std::uint32_t output_modes, bool utf8);

    /// A byte as programs write it: processed under OPOST.
    void put(std::uint8_t byte, base::Writer& out);
    void put(base::StringView bytes, base::Writer& out);
    /// "^C" for a control character.
    void put_caret(std::uint8_t byte, base::Writer& out);
    /// Takes a tab off the screen.
    /// @param columns    that what stands between it and the last tab takes, or the begin of the line's typing
    /// @param after_tab  there is a tab before it
    void erase_tab(unsigned columns, bool after_tab, base::Writer& out);
    /// The cursor stands where the typing of a line begins.
    void begin_typing() { typing_column_ = column_; }
    /// The last byte continued a character, and takes no column.
    void move_back() { column_ -= column_ > 0 ? 1 : 0; }

private:
    bool has(std::uint32_t mode) const { return (modes_ & mode) != 0; }
    void put_newline(base::Writer& out);
    void put_return(base::Writer& out);
    void put_tab(base::Writer& out);
    void put_other(std::uint8_t byte, base::Writer& out);

    std::uint32_t modes_ = uapi::kSaneTermios.output;
    bool utf8_ = false;
    unsigned column_ = 0;
    unsigned typing_column_ = 0;
};

} // namespace kernel
