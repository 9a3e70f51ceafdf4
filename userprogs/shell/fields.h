// SPDX-License-Identifier: MIT
// The fields that a word becomes, as its parts are expanded one after the other.  [POSIX "Field Splitting"]
#pragma once

#include "posix/string.h"
#include "posix/vector.h"

namespace shell {

/// Text in which each byte knows whether it was quoted: then it is no part of a pattern.
struct Field {
    posix::String text;
    posix::String marks; ///< for each byte kQuoted or kPlain

    static constexpr char kQuoted = 'q', kPlain = 'p';

    void append(posix::View bytes, bool quoted);
    /// As a pattern for fnmatch and glob: what is quoted is escaped.
    posix::String pattern() const;
    /// Whether a * ? or [ stands in it that is not quoted.
    bool is_pattern() const;
};

class Fields {
public:
    explicit Fields(posix::View separators) : separators_{separators} {}

    /// Neither split nor a pattern; "" makes a field too.
    void append_quoted(posix::View text);
    /// What stands in the word itself: not split, but a pattern.
    void append_plain(posix::View text);
    /// What an expansion has given: split at the separators.
    void append_split(posix::View text);
    /// The next text begins a new field, if one has begun.
    void end_field();
    /// Ends the last field.
    posix::Vector<Field> take();

private:
    posix::String separators_;
    posix::Vector<Field> done_;
    Field current_;
    bool begun_ = false;
    bool blank_before_ = false; ///< the field before was ended by a blank, which a separator that comes now joins
};

} // namespace shell
