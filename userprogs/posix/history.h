// SPDX-License-Identifier: MIT
// The lines that have been typed, oldest first.
#pragma once

#include "posix/string.h"
#include "posix/vector.h"

namespace posix {

class History {
public:
    static constexpr size_t kLimit = 1000;

    /// Appends `line`, unless it is blank or the last one again; the oldest goes when there are kLimit.
    void add(View line)
    {
        bool blank = true;
        for (const char c : line) {
            blank = blank && (c == ' ' || c == '\t');
        }
        if (blank || (!lines_.empty() && lines_.back() == line)) {
            return;
        }
        if (lines_.size() == kLimit) {
            lines_.remove(0);
            ++forgotten_;
        }
        lines_.append(String{line});
    }

    size_t size() const { return lines_.size(); }
    View operator[](size_t index) const { return lines_[index]; }
    /// The number under which a person knows line `index`: it stays when older ones go.
    size_t number(size_t index) const { return forgotten_ + index + 1; }
    void clear() { lines_.clear(); }

private:
    Vector<String> lines_;
    size_t forgotten_ = 0;
};

} // namespace posix
