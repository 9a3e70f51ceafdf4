// SPDX-License-Identifier: MIT
// Tokens, and the here-documents that stand behind a line.  [POSIX "Token Recognition", "Here-Document"]
#include "shell/parser.h"

namespace shell {

using posix::View;

const Parser::Token& Parser::peek()
{
    if (!has_token_) {
        token_ = read_token();
        has_token_ = true;
    }
    return token_;
}

Parser::Token Parser::take()
{
    const Token token = peek();
    has_token_ = false;
    if (token.kind == Token::Kind::Newline && !pending_.empty()) {
        read_here_documents();
    }
    return token;
}

/// Puts the value of the alias that comes in its place; false when none comes.
bool Parser::substitute_alias()
{
    if (context_.aliases == nullptr || !peek().word->plain) {
        return false;
    }
    const Aliases::Alias* const alias = context_.aliases->find(peek().word->text());
    if (alias == nullptr) {
        return false;
    }
    source_.back(peek().end);
    if (!source_.substitute(peek().begin, *alias)) {
        return false;
    }
    known_.clear(); // what was read behind it has moved
    has_token_ = false;
    return true;
}

Parser::Token Parser::read_token()
{
    Token token;
    if (failed_) {
        return token;
    }
    while (source_.peek() == ' ' || source_.peek() == '\t') {
        source_.next();
    }
    if (source_.peek() == '#') {
        while (source_.peek() != '\n' && source_.peek() != Source::kEnd) {
            source_.next_raw();
        }
    }
    token.begin = source_.place();
    token.after_alias = source_.after_blank_alias();
    const int c = source_.peek();
    if (c == Source::kEnd) {
        token.end = token.begin;
        return token;
    }
    if (c == '\n') {
        source_.next();
        token.kind = Token::Kind::Newline;
        token.end = source_.place();
        return token;
    }
    // Longest first.
    constexpr View kOperators[] = {"<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>",
                                   ">|",  "&",  "|",  ";",  "<",  ">",  "(",  ")"};
    for (const View sign : kOperators) {
        size_t same = 0;
        while (same < sign.size() && source_.peek(same) == sign[same]) {
            ++same;
        }
        if (same == sign.size()) {
            for (size_t i = 0; i < same; ++i) {
                source_.next();
            }
            token.kind = Token::Kind::Operator;
            token.text = sign;
            token.end = source_.place();
            return token;
        }
    }
    if (c >= '0' && c <= '9' && (source_.peek(1) == '<' || source_.peek(1) == '>')) {
        const char digit = static_cast<char>(source_.next());
        token.kind = Token::Kind::IoNumber;
        token.text = arena_.copy({&digit, 1});
        token.end = source_.place();
        return token;
    }
    token.word = word();
    token.kind = token.word == nullptr ? Token::Kind::End : Token::Kind::Word;
    token.end = source_.place();
    return token;
}

bool Parser::read_here_documents()
{
    posix::Vector<HereDocument> documents{posix::move(pending_)};
    for (const HereDocument& document : documents) {
        if (!read_here_document(document)) {
            return false;
        }
    }
    return true;
}

/// The lines up to the one that is the delimiter.  At the end of the text the document ends too.
bool Parser::read_here_document(const HereDocument& document)
{
    posix::String text;
    posix::String line;
    const unsigned first_line = source_.line();
    for (;;) {
        line.clear();
        int c = document.expand ? source_.next() : source_.next_raw();
        while (document.strip_tabs && c == '\t') {
            c = document.expand ? source_.next() : source_.next_raw();
        }
        while (c != '\n' && c != Source::kEnd) {
            line.append(static_cast<char>(c));
            // A backslash that quotes a backslash does not join lines.
            if (document.expand && c == '\\' && source_.peek_raw() == '\\') {
                line.append(static_cast<char>(source_.next_raw()));
            }
            c = document.expand ? source_.next() : source_.next_raw();
        }
        if (line == document.delimiter || (c == Source::kEnd && line.empty())) {
            break;
        }
        text.append(line);
        if (c == Source::kEnd) {
            break;
        }
        text.append('\n');
    }
    if (document.expand) {
        Source body{text, first_line};
        Parser parser{body, arena_, context_};
        document.redirection->target = parser.text_with_expansions();
        if (parser.failed_) {
            fail(parser.error());
            return false;
        }
        return true;
    }
    auto* const whole = arena_.make<Word>();
    whole->parts = arena_.make<Part>();
    whole->parts->quoted = true;
    whole->parts->text = arena_.copy(text);
    document.redirection->target = whole;
    return true;
}

} // namespace shell
