// SPDX-License-Identifier: MIT
// The text that is parsed, a character at a time.  It is asked for line by line, so that a command runs before the next
// line is read; what has been read stays until the command that it belongs to is whole.
#pragma once

#include "posix/string.h"
#include "shell/aliases.h"

namespace shell {

/// Where lines come from.
struct LineSupply {
    void* context = nullptr;
    /// Appends the next line with its newline; false at the end.  `continued`: it goes on with a command.
    bool (*next)(void* context, bool continued, posix::String& text) = nullptr;
};

class Source {
public:
    static constexpr int kEnd = -1;

    /// All of `text`, which is copied, from line `line` on.
    Source(posix::View text, unsigned line) : text_{text}, line_{line}, ended_{true} {}
    explicit Source(LineSupply supply) : supply_{supply} {}

    /// The character `ahead` places further, or kEnd.  A backslash before a newline is no character and goes with it.
    int peek(size_t ahead = 0);
    /// Takes the character that peek() shows.
    int next();
    /// As peek() and next(), but a backslash before a newline is a character.
    int peek_raw() { return has(at_) ? static_cast<unsigned char>(text_[at_]) : kEnd; }
    int next_raw();

    unsigned line() const { return line_; }

    /// A place to which back() may return as long as the command is not whole.
    struct Place {
        size_t at;
        unsigned line;
    };
    Place place() const { return {at_, line_}; }
    void back(Place place)
    {
        at_ = place.at;
        line_ = place.line;
    }
    /// What stands between `begin` and here.
    posix::View since(Place begin) const { return text_.view().from(begin.at, at_ - begin.at); }

    /// Puts the alias `alias` where the word from `begin` to here was, unless it stands in its own value.
    bool substitute(Place begin, const Aliases::Alias& alias);
    /// Whether an alias ends here whose value ends with a blank: the next word may be an alias too.
    bool after_blank_alias() const;

    /// A new command begins here: what was read before it may go.
    void begin_command();
    /// Passes over what has been read.
    void discard_line();

private:
    struct Active {
        posix::String name;
        size_t end; ///< of its value in text_
        bool blank;
    };

    /// Whether text_ has a character at `index`, which may have to be read.
    bool has(size_t index);

    LineSupply supply_;
    posix::String text_;
    size_t at_ = 0;
    unsigned line_ = 1;
    bool ended_ = false;
    bool continued_ = false;
    posix::Vector<Active> active_;
};

} // namespace shell
