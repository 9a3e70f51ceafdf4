// SPDX-License-Identifier: MIT
#include "fs/console_reader.h"

#include "device/console_input.h"
#include "device/serial.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

constinit ConsoleReader console_reader;

/// Takes what has been typed, up to the end of a line; false when there is none yet.  A ^C that was typed when nobody
/// could be interrupted by it is for whoever reads it.
bool ConsoleReader::finish_line()
{
    char character = 0;
    while (!complete_ && console_input.take(character)) {
        const LineDiscipline::Event event = line_.take(character, console);
        if (event == LineDiscipline::Event::Interrupt) {
            harbor.interrupt_foreground();
            return false;
        }
        complete_ = event == LineDiscipline::Event::Line || event == LineDiscipline::Event::EndOfInput;
    }
    return complete_;
}

base::Result<base::StringView> ConsoleReader::line(const Vessel& reader, bool block)
{
    for (;;) {
        if (reader.group != harbor.foreground()) {
            return base::fail(uapi::Error::Eio);
        }
        if (group_ != reader.group) {
            group_ = reader.group;
            consume(line_.text().size() - read_);
        }
        if (finish_line()) {
            const base::StringView text = line_.text();
            return text.drop(read_);
        }
        if (!block) {
            return base::fail(uapi::Error::Eagain);
        }
        if (loom.block(console_readers) == WakeReason::Killed) {
            return base::fail(uapi::Error::Eintr);
        }
    }
}

void ConsoleReader::consume(std::size_t count)
{
    read_ += count;
    if (read_ == line_.text().size()) {
        line_.clear();
        complete_ = false;
        read_ = 0;
    }
}

} // namespace kernel
