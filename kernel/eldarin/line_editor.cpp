// SPDX-License-Identifier: MIT
#include "eldarin/line_editor.h"

#include "base/format.h"
#include "device/console_input.h"
#include "device/serial.h"
#include "process/loom.h"

namespace kernel {
namespace {

constexpr char kBackspace = 0x08, kKillLine = 0x15, kDelete = 0x7f;

char wait_for_character()
{
    char character = 0;
    while (!console_input.take(character)) {
        loom.block(console_readers);
    }
    return character;
}

/// Wipes the last `count` characters from the screen.
void wipe(std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        base::print(console, "\b \b");
    }
}

} // namespace

base::StringView LineEditor::read(base::StringView prompt)
{
    base::print(console, prompt);
    std::size_t used = 0;
    for (;;) {
        const char character = wait_for_character();
        if (character == '\r' || character == '\n') {
            base::print(console, "\n");
            return {line_, used};
        }
        if (character == ConsoleInput::kInterrupt) {
            base::print(console, "^C\n", prompt);
            used = 0;
        } else if (character == kKillLine) {
            wipe(used);
            used = 0;
        } else if (character == kBackspace || character == kDelete) {
            wipe(used > 0 ? 1 : 0);
            used -= used > 0 ? 1 : 0;
        } else if (character >= ' ' && character < kDelete && used < kLongestLine) {
            line_[used++] = character;
            base::print(console, character);
        }
    }
}

} // namespace kernel
