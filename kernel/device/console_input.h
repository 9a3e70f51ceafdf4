// SPDX-License-Identifier: MIT
// What has been typed on the console and not been read yet.
#pragma once

#include <cstddef>

namespace kernel {

class ConsoleInput {
public:
    /// What the keys Ctrl-C send together.
    static constexpr char kInterrupt = 0x03;

    /// Takes everything out of the UART; what does not fit is dropped, as a full terminal line is.
    /// @return  whether kInterrupt was among it
    bool receive();
    /// The oldest character; false when there is none.
    bool take(char& character);
    /// Forgets what has not been read.
    void discard() { used_ = 0; }

private:
    static constexpr std::size_t kSize = 1024;

    char characters_[kSize] = {};
    std::size_t head_ = 0; ///< next to take
    std::size_t used_ = 0;
};

extern ConsoleInput console_input;

} // namespace kernel
