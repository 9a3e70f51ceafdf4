// SPDX-License-Identifier: MIT
#include "eldarin/line_editor.h"

#include "base/format.h"
#include "device/console_input.h"
#include "device/serial.h"
#include "process/loom.h"

namespace kernel {
namespace {

char wait_for_character()
{
    char character = 0;
    while (!console_input.take(character)) {
        loom.block(console_readers);
    }
    return character;
}

} // namespace

base::StringView LineEditor::read(base::StringView prompt)
{
    base::print(console, prompt);
    line_.clear();
    for (;;) {
        switch (line_.take(wait_for_character(), console)) {
        case LineDiscipline::Event::Line: return line_.text().before('\n');
        case LineDiscipline::Event::Interrupt: base::print(console, prompt); break;
        case LineDiscipline::Event::EndOfInput: // the shell has no end
        case LineDiscipline::Event::None: break;
        }
    }
}

} // namespace kernel
