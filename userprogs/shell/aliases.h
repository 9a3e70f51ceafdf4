// SPDX-License-Identifier: MIT
// Words that stand for other words where a command begins.  [POSIX "Alias Substitution"]
#pragma once

#include "posix/string.h"
#include "posix/vector.h"

namespace shell {

class Aliases {
public:
    struct Alias {
        posix::String name, value;
    };

    /// Null when there is none of this name.
    const Alias* find(posix::View name) const
    {
        for (const Alias& alias : all_) {
            if (alias.name == name) {
                return &alias;
            }
        }
        return nullptr;
    }
    void set(posix::View name, posix::View value)
    {
        remove(name);
        size_t at = 0;
        while (at < all_.size() && strcmp(all_[at].name.c_str(), posix::String{name}.c_str()) < 0) {
            ++at;
        }
        all_.insert(at, {posix::String{name}, posix::String{value}});
    }
    /// False when there is none of this name.
    bool remove(posix::View name)
    {
        for (size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].name == name) {
                all_.remove(i);
                return true;
            }
        }
        return false;
    }
    void clear() { all_.clear(); }
    const posix::Vector<Alias>& all() const { return all_; }

private:
    posix::Vector<Alias> all_; ///< sorted by name
};

} // namespace shell
