// SPDX-License-Identifier: MIT
// What has been typed on the console and not been read yet.
#pragma once

#include <cstddef>

namespace kernel {

class ConsoleInput {
public:
    /// Takes everything out of the UART; what does not fit is dropped, as a full terminal line is.
    void receive();
    /// The oldest character; false when there is none.
    bool take(char& character);

private:
    static constexpr std::size_t kSize = 1024;

    char characters_[kSize] = {};
    std::size_t head_ = 0; ///< next to take
    std::size_t used_ = 0;
};

extern ConsoleInput console_input;

} // namespace kernel
