// SPDX-License-Identifier: MIT
// The functions that have been defined.
#pragma once

#include "posix/string.h"
#include "posix/vector.h"
#include "shell/arena.h"
#include "shell/syntax.h"

namespace shell {

class Functions {
public:
    struct Function {
        posix::String name;
        const Node* body;
        ArenaReference arena; ///< in which the body lives
    };

    /// Null when there is none of this name.
    const Function* find(posix::View name) const
    {
        for (const Function& function : all_) {
            if (function.name == name) {
                return &function;
            }
        }
        return nullptr;
    }
    void set(posix::View name, const Node* body, Arena* arena)
    {
        remove(name);
        all_.append({posix::String{name}, body, ArenaReference{arena}});
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

private:
    posix::Vector<Function> all_;
};

} // namespace shell
