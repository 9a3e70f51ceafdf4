// SPDX-License-Identifier: MIT
// What programs read from the console: whole lines, each edited while it is typed.
// [POSIX.1-2017 XBD 11.1.6 "Canonical Mode Input Processing"]
#pragma once

#include "base/result.h"
#include "base/string_view.h"
#include "device/line_discipline.h"
#include "process/vessel.h"

namespace kernel {

class ConsoleReader {
public:
    /// The unread rest of the line, for a reader of `reader`; empty at the end of the input (^D).
    /// @param block  wait until a line has been typed
    /// @return EIO     the reader is in the background: what is typed is for others
    ///         EAGAIN  no line yet, and not `block`
    ///         EINTR   the calling thread was killed
    base::Result<base::StringView> line(const Vessel& reader, bool block);
    /// The first `count` bytes of it have been read; 0 of an empty one.
    void consume(std::size_t count);

private:
    bool finish_line();

    LineDiscipline line_;
    VesselId group_{}; ///< whose programs the line is for; what others left unread is nobody's
    bool complete_ = false;
    std::size_t read_ = 0; ///< bytes of a complete line
};

extern ConsoleReader console_reader;

} // namespace kernel
