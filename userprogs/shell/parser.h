// SPDX-License-Identifier: MIT
// From text to a tree: recursive descent over POSIX's grammar, one complete command at a time, with one token ahead.
// Words are parsed with what they contain, so that $(...) may hold anything that a command may.
// [POSIX "Shell Grammar"]
#pragma once

#include "posix/vector.h"
#include "shell/aliases.h"
#include "shell/arena.h"
#include "shell/source.h"
#include "shell/stack_guard.h"
#include "shell/syntax.h"

namespace shell {

/// What a parser needs to know of the shell.
struct ParserContext {
    const Aliases* aliases; ///< null: none are substituted
    const StackGuard* stack;
};

class Parser {
public:
    enum class Result { Command, Empty, End, Error };

    Parser(Source& source, Arena& arena, ParserContext context) : source_{source}, arena_{arena}, context_{context} {}

    /// The next complete command: one line, or as many as it needs.  Empty: a line without one.  The here-documents of
    /// the line are read with it.
    Result complete_command(Node*& command);
    /// The whole text up to its end as one command, null when there is none in it; as in $(...).
    bool whole(Node*& command);
    /// The whole text as if it stood in a here-document or a prompt: $ and ` mean something, quotes do not.
    Word* text_with_expansions();

    /// Why there is no command, and in which line.
    posix::View error() const { return error_; }
    unsigned error_line() const { return error_line_; }
    /// Whether the text has ended within the command.
    bool cut_short() const { return cut_short_; }

private:
    struct Token {
        enum class Kind { Word, IoNumber, Operator, Newline, End };
        Kind kind = Kind::End;
        posix::View text; ///< an operator, or the digits of an IoNumber
        Word* word = nullptr;
        Source::Place begin{}, end{};
        bool after_alias = false; ///< the value of an alias that ends with a blank stands before it
    };
    struct HereDocument {
        Redirection* redirection;
        posix::View delimiter;
        bool strip_tabs, expand;
    };
    /// A $(( that has been read while it was not known what stands around it.
    struct Substitution {
        size_t begin; ///< of its parentheses
        Source::Place end;
        const Part* part;
        bool failed;
        posix::View error;
        unsigned error_line;
    };
    /// Where a word or a piece of one ends.
    enum class Ending { Word, DoubleQuote, Brace, QuotedBrace, Arithmetic, EndOfText };
    class PartList;

    // Commands: parser.cpp, compound.cpp
    Node* list(bool until_newline);
    Node* and_or();
    Node* pipeline();
    Node* command();
    Node* simple_command();
    Node* function(posix::View name);
    Node* compound_command();
    Node* compound_list();
    Node* for_command();
    Node* loop_command(Node::Kind kind);
    Node* if_command();
    Node* case_command();
    CaseItem* case_item();
    Node* do_group();
    Redirection* redirection();
    bool redirections(Redirection*& first);
    void skip_newlines();
    bool is_operator(posix::View text);
    bool is_reserved(posix::View word);
    bool ends_list();
    bool expect(posix::View reserved);

    // Tokens: tokens.cpp
    const Token& peek();
    Token take();
    Token read_token();
    bool read_here_documents();
    bool read_here_document(const HereDocument& document);
    bool substitute_alias();

    // Words: words.cpp
    Word* word();
    bool parts(PartList& list, Ending ending);
    bool dollar(PartList& list, bool quoted);
    bool braces(PartList& list, bool quoted);
    bool command_substitution(Part& part);
    bool backquotes(PartList& list, bool quoted);
    bool two_parentheses(Part& part);
    bool arithmetic(Part& part);
    bool single_quotes(PartList& list);

    /// Notes the first error; always null, which each rule hands on.
    decltype(nullptr) fail(posix::View message, unsigned line);
    decltype(nullptr) fail(posix::View message) { return fail(message, source_.line()); }
    decltype(nullptr) unexpected();
    Node* make(Node::Kind kind);

    Source& source_;
    Arena& arena_;
    ParserContext context_;
    Token token_;
    bool has_token_ = false;
    posix::Vector<HereDocument> pending_;
    posix::Vector<Substitution> known_;
    unsigned guesses_ = 0; ///< how many $(( around are read as arithmetic for the time being
    posix::View error_;
    unsigned error_line_ = 0;
    bool failed_ = false;
    bool cut_short_ = false;
};

/// Whether `word` means something to the grammar where a command begins.
bool is_reserved_word(posix::View word);

} // namespace shell
