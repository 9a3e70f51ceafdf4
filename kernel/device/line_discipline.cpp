// SPDX-License-Identifier: MIT
#include "device/line_discipline.h"

#include "device/console_input.h"

namespace kernel {
namespace {

constexpr char kEndOfInput = 0x04, kBackspace = 0x08, kKillLine = 0x15, kDelete = 0x7f;

} // namespace

/// Takes the last `count` characters away, from the screen too.
void LineDiscipline::drop_last(std::size_t count, base::Writer& echo)
{
    for (std::size_t i = 0; i < count; ++i) {
        base::print(echo, "\b \b");
    }
    used_ -= count;
}

LineDiscipline::Event LineDiscipline::take(char character, base::Writer& echo)
{
    switch (character) {
    case '\r':
    case '\n':
        base::print(echo, "\n");
        line_[used_++] = '\n';
        return Event::Line;
    case kEndOfInput: return Event::EndOfInput;
    case ConsoleInput::kInterrupt:
        base::print(echo, "^C\n");
        clear();
        return Event::Interrupt;
    case kKillLine: drop_last(used_, echo); return Event::None;
    case kBackspace:
    case kDelete: drop_last(used_ > 0 ? 1 : 0, echo); return Event::None;
    default: break;
    }
    if (character >= ' ' && character < kDelete && used_ < kLongestLine) {
        line_[used_++] = character;
        base::print(echo, character);
    }
    return Event::None;
}

} // namespace kernel
