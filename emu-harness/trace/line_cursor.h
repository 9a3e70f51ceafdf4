// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the parts of one line from left to right.
// Invariant: after the first failure every call does nothing and returns an empty value, and error() tells that
// failure; so a caller may read a whole line and look once.
#pragma once

#include "trace/text_lines.h"
#include "trace/trace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringcheck {

class LineCursor {
public:
    /// Whether an argument or a result may be one of many, "*" or "$name"; and whether somebody will put structures
    /// into memory, and numbers in the place of constants.
    enum class Patterns : std::uint8_t { Refused, Taken, TakenAndPlaced };

    explicit LineCursor(const TextLine& line, Patterns patterns = Patterns::Refused) : line_(line), patterns_(patterns)
    {
    }

    bool failed() const { return error_.has_value(); }
    const ParseError& error() const { return *error_; }
    /// Notes a failure at the current place.
    void fail(std::string text) { fail_at(position_, std::move(text)); }
    /// Notes a failure at the place where the last part began.
    void fail_at_last(std::string text) { fail_at(last_, std::move(text)); }

    bool at_end() const { return position_ == line_.text.size(); }
    char peek() const { return at_end() ? '\0' : line_.text[position_]; }
    void skip_blanks();
    /// The characters before the next blank or the end, then skips blanks; "" at the end.
    std::string_view token();
    /// Consumes `text` when the line goes on with it.
    bool accept(std::string_view text);
    void expect(std::string_view text);
    void expect_end();

    /// Letters, digits and '_', no digit first.  @param what  what the error calls it: "a signal's name"
    std::string word(std::string_view what);
    /// Decimal without sign, without a zero in front.
    std::uint64_t number(std::string_view what);
    /// "0x40", "KERNEL_BASE+0x10": ends at a blank.
    Address address();
    Argument argument();
    /// " = ..." or nothing.
    SyscallResult result();
    /// "write(1, \"x\", 1) = 1"
    SyscallEvent syscall();
    /// "write(1, \"x\", 1)", without its result.
    SyscallEvent call();
    /// Text between quotes, all of it; at most kBufferLimit bytes.
    std::string quoted();
    /// Likewise, of any length.
    std::string text();
    /// The lines "text valid 16", "text page_end {tv_sec=1, tv_nsec=0}" and "text \"x\"", "text *".
    MemoryEvent memory();
    HoldsEvent holds();

private:
    /// "PID+0x1".  @param what  as word() has it
    NamedAddress named(std::string_view what);
    void fail_at(std::size_t position, std::string text);
    std::uint64_t hexadecimal();
    std::string string();
    Buffer buffer();
    char escaped();
    Integer integer();
    StructureField field();
    Structure structure();
    MemoryPlace memory_place();
    /// The rest of "A|B", whose first name has been read.
    Argument flags(NamedAddress first);

    /// "*", or "$name" with what may follow it.
    template <typename Value> std::optional<Value> pattern();

    TextLine line_;
    Patterns patterns_;
    std::size_t position_ = 0, last_ = 0;
    std::optional<ParseError> error_;
};

} // namespace ringcheck
