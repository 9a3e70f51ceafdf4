// SPDX-License-Identifier: MIT
// The tree of a command, as the parser makes it and the executor walks it.  All of it lives in one arena.
// [POSIX "Shell Command Language"]
#pragma once

#include "posix/view.h"

namespace shell {

struct Node;
struct Word;

/// A piece of a word.
struct Part {
    enum class Kind {
        Text,       ///< `text`, as it stands, quotes removed
        Parameter,  ///< ${text operator word}
        Command,    ///< $(command), `command`
        Arithmetic, ///< $((word))
    };
    enum class Operator {
        None,
        Length,      ///< ${#x}
        Default,     ///< ${x-w}
        Assign,      ///< ${x=w}
        Complain,    ///< ${x?w}
        Alternative, ///< ${x+w}
        ShortSuffix, ///< ${x%w}
        LongSuffix,  ///< ${x%%w}
        ShortPrefix, ///< ${x#w}
        LongPrefix,  ///< ${x##w}
    };

    Kind kind = Kind::Text;
    bool quoted = false; ///< what it becomes is neither split nor a pattern
    Operator operation = Operator::None;
    bool colon = false; ///< an empty value counts as none
    posix::View text;
    Word* word = nullptr;
    Node* command = nullptr;
    Part* next = nullptr;
};

struct Word {
    Part* parts = nullptr;
    bool plain = false; ///< one Text without any quote: it may be a reserved word or an alias
    unsigned line = 0;
    Word* next = nullptr;

    posix::View text() const { return parts == nullptr ? posix::View{} : parts->text; }
};

struct Redirection {
    enum class Kind { Read, Write, Clobber, Append, ReadWrite, Duplicate, HereDocument };

    Kind kind = Kind::Read;
    int fd = 0;
    Word* target = nullptr; ///< the file; of Duplicate the descriptor or -; of HereDocument the text
    Redirection* next = nullptr;
};

struct Assignment {
    posix::View name;
    Word* value = nullptr;
    Assignment* next = nullptr;
};

struct CaseItem {
    Word* patterns = nullptr;
    Node* body = nullptr; ///< may be null
    CaseItem* next = nullptr;
};

struct Node {
    enum class Kind {
        Simple,   ///< assignments words
        Pipeline, ///< children, each in a process of its own when there are several; `negated`
        And,      ///< left && right
        Or,       ///< left || right
        Sequence, ///< children; those with `background` are not waited for
        Subshell, ///< ( body )
        Group,    ///< { body }
        For,      ///< for name [in words]; do body
        While,    ///< while left; do body
        Until,
        If,       ///< if left; then body; else right
        Case,     ///< case words in items
        Function, ///< name() body
    };

    Kind kind = Kind::Simple;
    unsigned line = 0;
    bool background = false;
    bool negated = false;
    bool has_words = false; ///< of For: `in` is there
    posix::View text;       ///< the source of a pipeline or a background command, for the list of jobs
    Redirection* redirections = nullptr;
    Assignment* assignments = nullptr;
    Word* words = nullptr;
    posix::View name;
    Node* children = nullptr;
    Node *left = nullptr, *right = nullptr, *body = nullptr;
    CaseItem* items = nullptr;
    Node* next = nullptr; ///< the next child of the same parent
};

} // namespace shell
