// SPDX-License-Identifier: MIT
#include "eldarin/line_editor.h"

#include "base/format.h"
#include "device/serial.h"
#include "fs/terminal.h"

namespace kernel {

base::StringView LineEditor::read(base::StringView prompt)
{
    base::StringView line;
    base::print(console, prompt);
    while (terminal.read_line(buffer_, line) == Terminal::ShellInput::Interrupt) {
        base::print(console, "\n", prompt);
    }
    return line;
}

} // namespace kernel
