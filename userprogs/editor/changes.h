// SPDX-License-Identifier: MIT
// What has been changed, so that it can be undone and done again.  As many changes are kept as there is memory for;
// then the oldest go.
#pragma once

#include "posix/string.h"
#include "posix/vector.h"

namespace editor {

/// At `at`, `inserted` has taken the place of `removed`.
struct Change {
    size_t at = 0;
    posix::String removed, inserted;
    bool begins_group = true; ///< false: it is undone with the one before it
};

class Changes {
public:
    /// Notes a change that is about to be done; those that were undone are forgotten.  `join`: it may become part of
    /// the change before, as the next letter of a word does.  False when there is no memory for it.
    [[nodiscard]] bool add(size_t at, posix::View removed, posix::View inserted, bool begins_group, bool join);

    /// The change to undo next, or null; undone() then goes one back.
    const Change* to_undo() const { return done_ == 0 ? nullptr : &all_[done_ - 1]; }
    void undone() { --done_; }
    /// The change to do again next, or null.
    const Change* to_redo() const { return done_ == all_.size() ? nullptr : &all_[done_]; }
    void redone() { ++done_; }

    void mark_saved() { saved_ = done_; }
    /// Whether the text is as it was when it was saved.
    bool is_saved() const { return saved_ == done_; }
    /// The next change stands alone.
    void separate() { joinable_ = false; }

private:
    bool try_join(size_t at, posix::View removed, posix::View inserted);
    bool try_add(size_t at, posix::View removed, posix::View inserted, bool begins_group);
    void forget_oldest(size_t count);

    posix::Vector<Change> all_;
    size_t done_ = 0;  ///< those before it are done, those behind undone
    size_t saved_ = 0; ///< kNowhere: no number of changes leads to what was saved
    bool joinable_ = false;
};

} // namespace editor
