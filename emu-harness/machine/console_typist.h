// SPDX-License-Identifier: GPL-2.0-or-later
// Types the lines of a ConsoleScript: each when the console's output ends with the prompt.
#pragma once

#include "machine/machine.h"

#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

namespace ringcheck {

class ConsoleTypist {
public:
    explicit ConsoleTypist(ConsoleScript script = {}) : script_(std::move(script)) {}

    /// What to type before anything else: all lines when there is no prompt to wait for, one when it is there.
    /// @param output  everything the guest has sent so far
    std::string at_start(const std::string& output)
    {
        std::string text;
        while (script_.prompt.empty() && !finished()) {
            text += next_line();
        }
        return text.empty() ? after_output(output) : text;
    }

    /// What to type now that the guest has sent one more byte; "" is nothing.
    /// @param output  everything it has sent so far
    std::string after_output(const std::string& output)
    {
        return !finished() && output.ends_with(script_.prompt) ? next_line() : std::string();
    }

    bool finished() const { return typed_ >= script_.lines.size(); }

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.script_, self.typed_); }
    bool possible() const { return typed_ <= script_.lines.size(); }

private:
    /// The Enter key of a terminal sends a carriage return.
    std::string next_line() { return script_.lines[typed_++] + '\r'; }

    ConsoleScript script_;
    std::size_t typed_ = 0; ///< how many of the lines
};

} // namespace ringcheck
