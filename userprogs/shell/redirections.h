// SPDX-License-Identifier: MIT
// The redirections of a command, undone at the end of its object's life unless they are kept.  [POSIX "Redirection"]
#pragma once

#include "posix/vector.h"
#include "shell/state.h"
#include "shell/syntax.h"

namespace shell {

class Redirections {
public:
    explicit Redirections(State& state) : state_{state} {}
    ~Redirections() { undo(); }
    Redirections(const Redirections&) = delete;
    Redirections& operator=(const Redirections&) = delete;

    /// Does each of the list, in order; at the first that fails it says why, and those before stay until undo().
    bool apply(const Redirection* list);
    void undo();
    /// What has been done stays.
    void keep();

private:
    struct Saved {
        int fd, copy; ///< copy -1: `fd` was closed
    };
    /// Descriptors from here on are the shell's own, and closed in what it executes.
    static constexpr int kOwn = 10;

    bool apply_one(const Redirection& redirection);
    bool duplicate(const Redirection& redirection, posix::View target);
    int open_target(const Redirection& redirection, posix::View target);
    int open_document(posix::View text);
    bool save(int fd);
    bool fail(posix::View what) const;

    State& state_;
    posix::Vector<Saved> saved_;
};

} // namespace shell
