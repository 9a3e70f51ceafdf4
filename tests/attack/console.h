// SPDX-License-Identifier: MIT
// What a console showed: each line that was typed at the prompt, and what came after it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attack {

struct Command {
    std::string line;                ///< as it was typed
    std::vector<std::string> output; ///< up to the next prompt
    bool finished = false;           ///< the prompt came back
};

/// @param text  the console without its carriage returns
std::vector<Command> read_console(std::string_view text);

/// What `mem` prints as free frames.
std::optional<std::string> free_frames(const Command& mem);
/// Who has a thread by `ps`: the names in the order of their rows.
std::vector<std::string> names(const Command& ps);
/// How `program` ended, without the "[vessel 7 hello] " in front; "" when nothing says so.
std::string outcome_of(const Command& run, std::string_view program);
/// Why the shell did not start `file`; "" when it did.
std::string refusal_of(const Command& run, std::string_view file);
/// What the program itself printed last.
std::string last_words(const Command& run);

} // namespace attack
