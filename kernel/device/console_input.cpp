// SPDX-License-Identifier: MIT
#include "device/console_input.h"

#include "device/serial.h"

namespace kernel {

constinit ConsoleInput console_input;

bool ConsoleInput::receive()
{
    bool interrupted = false;
    char character = 0;
    while (console.read(character)) {
        interrupted = interrupted || character == kInterrupt;
        if (used_ < kSize) {
            characters_[(head_ + used_) % kSize] = character;
            ++used_;
        }
    }
    return interrupted;
}

bool ConsoleInput::take(char& character)
{
    if (used_ == 0) {
        return false;
    }
    character = characters_[head_];
    head_ = (head_ + 1) % kSize;
    --used_;
    return true;
}

} // namespace kernel
