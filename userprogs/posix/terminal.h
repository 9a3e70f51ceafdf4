// SPDX-License-Identifier: MIT
// A terminal whose bytes come one by one, not echoed, while a RawTerminal is entered.  [POSIX "General Terminal
// Interface"]
#pragma once

#include <termios.h>

namespace posix {

class RawTerminal {
public:
    explicit RawTerminal(int fd) : fd_{fd} {}
    ~RawTerminal() { leave(); }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

    /// False when `fd` is no terminal, or will not change; then all is as before.
    bool enter();
    /// Back to the modes before enter(); what has been typed ahead stays.
    void leave();

private:
    int fd_;
    bool entered_ = false;
    termios before_{};
};

struct WindowSize {
    unsigned rows, columns;
};

/// The size of the terminal `fd`; 24 rows of 80 columns when it does not know.
WindowSize window_size(int fd);

} // namespace posix
