// SPDX-License-Identifier: MIT
// Lists, pipelines and simple commands.
#include "shell/parser.h"

namespace shell {

using posix::View;

decltype(nullptr) Parser::fail(View message, unsigned line)
{
    if (!failed_) {
        failed_ = true;
        error_ = arena_.copy(message);
        error_line_ = line;
    }
    return nullptr;
}

decltype(nullptr) Parser::unexpected()
{
    if (failed_) {
        return nullptr;
    }
    const Token& token = peek();
    posix::String message{"syntax error: "};
    switch (token.kind) {
    case Token::Kind::End:
        message.append("the end of the text is unexpected");
        cut_short_ = true;
        break;
    case Token::Kind::Newline: message.append("the end of the line is unexpected"); break;
    case Token::Kind::Word:
        message.append(token.word->plain ? token.word->text() : View{"a word"}).append(" is unexpected");
        break;
    default: message.append(token.text).append(" is unexpected"); break;
    }
    return fail(message);
}

Node* Parser::make(Node::Kind kind)
{
    auto* const node = arena_.make<Node>();
    node->kind = kind;
    node->line = source_.line();
    return node;
}

Parser::Result Parser::complete_command(Node*& command)
{
    command = nullptr;
    source_.begin_command();
    if (peek().kind == Token::Kind::Newline) {
        take();
        return failed_ ? Result::Error : Result::Empty;
    }
    if (peek().kind == Token::Kind::End && !failed_) {
        return Result::End;
    }
    command = list(true);
    if (failed_ || command == nullptr) {
        unexpected();
        return Result::Error;
    }
    if (peek().kind != Token::Kind::Newline && peek().kind != Token::Kind::End) {
        unexpected();
        return Result::Error;
    }
    if (peek().kind == Token::Kind::Newline) {
        take();
    } else if (!pending_.empty()) {
        read_here_documents();
    }
    return failed_ ? Result::Error : Result::Command;
}

bool Parser::whole(Node*& command)
{
    command = nullptr;
    skip_newlines();
    if (peek().kind != Token::Kind::End && !failed_) {
        command = list(false);
    }
    if (!failed_ && peek().kind != Token::Kind::End) {
        unexpected();
    }
    if (!failed_ && !pending_.empty()) {
        read_here_documents();
    }
    return !failed_;
}

bool Parser::is_operator(View text)
{
    return peek().kind == Token::Kind::Operator && peek().text == text;
}

bool Parser::is_reserved(View word)
{
    return peek().kind == Token::Kind::Word && peek().word->plain && peek().word->text() == word;
}

void Parser::skip_newlines()
{
    while (!failed_ && peek().kind == Token::Kind::Newline) {
        take();
    }
}

/// Whether what comes ends a list that stands in a compound command.
bool Parser::ends_list()
{
    while (!failed_ && peek().kind == Token::Kind::Word && substitute_alias()) {
    }
    if (failed_ || peek().kind == Token::Kind::End || is_operator(")") || is_operator(";;")) {
        return true;
    }
    constexpr View kEnds[] = {"then", "else", "elif", "fi", "do", "done", "}", "esac"};
    for (const View word : kEnds) {
        if (is_reserved(word)) {
            return true;
        }
    }
    return false;
}

bool Parser::expect(View reserved)
{
    if (failed_ || !is_reserved(reserved)) {
        unexpected();
        return false;
    }
    take();
    return true;
}

/// and_or { separator and_or } [separator]
Node* Parser::list(bool until_newline)
{
    Node* const sequence = make(Node::Kind::Sequence);
    Node** end = &sequence->children;
    for (;;) {
        Node* const item = and_or();
        if (item == nullptr) {
            return nullptr;
        }
        *end = item;
        end = &item->next;
        if (is_operator("&")) {
            item->background = true;
            take();
        } else if (is_operator(";")) {
            take();
        } else if (peek().kind != Token::Kind::Newline || until_newline) {
            break;
        }
        if (until_newline && peek().kind == Token::Kind::Newline) {
            break;
        }
        skip_newlines();
        if (ends_list()) {
            break;
        }
    }
    // A sequence of one that is waited for is that one.
    Node* const first = sequence->children;
    return failed_ ? nullptr : first->next == nullptr && !first->background ? first : sequence;
}

Node* Parser::and_or()
{
    const Source::Place begin = peek().begin;
    Node* left = pipeline();
    while (left != nullptr && (is_operator("&&") || is_operator("||"))) {
        Node* const both = make(is_operator("&&") ? Node::Kind::And : Node::Kind::Or);
        take();
        skip_newlines();
        both->left = left;
        both->right = pipeline();
        left = both->right == nullptr ? nullptr : both;
    }
    if (left == nullptr || failed_) {
        return nullptr;
    }
    if (is_operator("&")) {
        // The text is cut at the token that has been read ahead.
        const Source::Place here = source_.place();
        source_.back(peek().begin);
        left->text = arena_.copy(source_.since(begin));
        source_.back(here);
    }
    return left;
}

Node* Parser::pipeline()
{
    Node* const node = make(Node::Kind::Pipeline);
    while (is_reserved("!")) {
        take();
        node->negated = !node->negated;
    }
    const Source::Place begin = peek().begin;
    Node** end = &node->children;
    for (;;) {
        *end = command();
        if (*end == nullptr) {
            return nullptr;
        }
        end = &(*end)->next;
        if (!is_operator("|")) {
            break;
        }
        take();
        skip_newlines();
    }
    if (failed_) {
        return nullptr;
    }
    const Source::Place here = source_.place();
    source_.back(peek().begin);
    node->text = arena_.copy(source_.since(begin));
    source_.back(here);
    return node;
}

/// [NAME=VALUE | REDIRECTION]... [WORD [WORD | REDIRECTION]...]
Node* Parser::simple_command()
{
    Node* const node = make(Node::Kind::Simple);
    node->line = peek().kind == Token::Kind::Word ? peek().word->line : node->line;
    Redirection** redirection_end = &node->redirections;
    Assignment** assignment_end = &node->assignments;
    Word** word_end = &node->words;
    bool any = false;
    for (;; any = true) {
        const Token& token = peek();
        if (failed_) {
            return nullptr;
        }
        if (token.kind == Token::Kind::IoNumber ||
            (token.kind == Token::Kind::Operator && (token.text[0] == '<' || token.text[0] == '>'))) {
            *redirection_end = redirection();
            if (*redirection_end == nullptr) {
                return nullptr;
            }
            redirection_end = &(*redirection_end)->next;
            continue;
        }
        if (token.kind != Token::Kind::Word) {
            break;
        }
        if ((node->words == nullptr || token.after_alias) && substitute_alias()) {
            continue;
        }
        Word* const next = take().word;
        const View text = next->text();
        const size_t equals = text.find('=');
        const bool starts_plain =
            next->parts != nullptr && next->parts->kind == Part::Kind::Text && !next->parts->quoted;
        if (node->words == nullptr && starts_plain && equals != posix::kNowhere && posix::is_name(text.first(equals))) {
            auto* const assignment = arena_.make<Assignment>();
            assignment->name = text.first(equals);
            next->parts->text = text.from(equals + 1);
            assignment->value = next;
            *assignment_end = assignment;
            assignment_end = &assignment->next;
            continue;
        }
        *word_end = next;
        word_end = &next->next;
        if (node->words == next && next->plain && !any && is_operator("(")) {
            return function(text);
        }
    }
    return any ? node : static_cast<Node*>(unexpected());
}

/// NAME "(" ")" compound_command; the parenthesis comes.
Node* Parser::function(View name)
{
    take();
    if (!is_operator(")")) {
        return unexpected();
    }
    take();
    if (!posix::is_name(name)) {
        return fail("syntax error: a function has a name of letters, digits and _");
    }
    skip_newlines();
    Node* const node = make(Node::Kind::Function);
    node->name = name;
    node->body = command();
    return node->body == nullptr ? nullptr : node;
}

bool Parser::redirections(Redirection*& first)
{
    for (Redirection** end = &first; !failed_; end = &(*end)->next) {
        const Token& token = peek();
        const bool is_one = token.kind == Token::Kind::IoNumber ||
                            (token.kind == Token::Kind::Operator && (token.text[0] == '<' || token.text[0] == '>'));
        if (!is_one) {
            return !failed_;
        }
        *end = redirection();
        if (*end == nullptr) {
            return false;
        }
    }
    return false;
}

Redirection* Parser::redirection()
{
    auto* const node = arena_.make<Redirection>();
    int fd = -1;
    if (peek().kind == Token::Kind::IoNumber) {
        fd = take().text[0] - '0';
    }
    const View sign = take().text;
    const bool is_input = sign[0] == '<';
    node->fd = fd >= 0 ? fd : is_input ? 0 : 1;
    const bool is_here_document = sign == "<<" || sign == "<<-";
    node->kind = is_here_document ? Redirection::Kind::HereDocument
                 : sign == "<"    ? Redirection::Kind::Read
                 : sign == ">"    ? Redirection::Kind::Write
                 : sign == ">|"   ? Redirection::Kind::Clobber
                 : sign == ">>"   ? Redirection::Kind::Append
                 : sign == "<>"   ? Redirection::Kind::ReadWrite
                                  : Redirection::Kind::Duplicate;
    if (failed_ || peek().kind != Token::Kind::Word) {
        return unexpected();
    }
    node->target = take().word;
    if (is_here_document) {
        // The delimiter is what the word is without its quotes; expansions are not done in it.
        posix::String delimiter;
        bool quoted = false;
        for (const Part* part = node->target->parts; part != nullptr; part = part->next) {
            if (part->kind != Part::Kind::Text) {
                return fail("syntax error: the delimiter of a here-document is plain text");
            }
            delimiter.append(part->text);
            quoted = quoted || part->quoted;
        }
        pending_.append({node, arena_.copy(delimiter), sign == "<<-", !quoted});
    }
    return node;
}

} // namespace shell
