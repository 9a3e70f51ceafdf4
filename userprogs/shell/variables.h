// SPDX-License-Identifier: MIT
// Variables by name, and the environment that they make.  [POSIX "Shell Variables"]
#pragma once

#include "posix/string.h"
#include "posix/vector.h"

namespace shell {

struct Variable {
    posix::String name, value;
    bool set = false; ///< false: it has attributes only
    bool exported = false;
    bool readonly = false;
};

class Variables {
public:
    /// Takes over every NAME=VALUE of `environment` as an exported variable.
    void import(char** environment);

    /// Null when it has neither a value nor attributes.
    const Variable* find(posix::View name) const;
    /// Its value, or "" when it has none.
    posix::View value(posix::View name) const;
    /// False when it is read-only.
    bool set(posix::View name, posix::View value);
    /// False when it is read-only.
    bool unset(posix::View name);
    /// The variable, made without a value when it is new.
    Variable& declare(posix::View name);
    /// Puts back what a variable has been, null: it was not there.
    void restore(posix::View name, Variable* before);

    /// All of them, sorted by name.
    posix::Vector<const Variable*> sorted() const;
    /// NAME=VALUE of each exported one, and null; good until a variable changes.
    char** environment();
    /// New values are exported: set -a.
    bool export_all = false;

private:
    static constexpr size_t kBuckets = 128;

    static size_t bucket(posix::View name);
    Variable* lookup(posix::View name);

    posix::Vector<Variable> buckets_[kBuckets];
    posix::Vector<posix::String> environment_text_;
    posix::Vector<char*> environment_;
};

} // namespace shell
