// SPDX-License-Identifier: MIT
// Commands that hold commands.
#include "shell/parser.h"

namespace shell {

using posix::View;

bool is_reserved_word(View word)
{
    constexpr View kReserved[] = {"!",    "{",  "}",   "case", "do", "done", "elif",  "else",
                                  "esac", "fi", "for", "if",   "in", "then", "until", "while"};
    for (const View reserved : kReserved) {
        if (word == reserved) {
            return true;
        }
    }
    return false;
}

Node* Parser::command()
{
    if (context_.stack->exhausted()) {
        return fail("syntax error: commands are nested too deep");
    }
    if (failed_) {
        return nullptr;
    }
    // What an alias stands for may begin with a reserved word.
    while (peek().kind == Token::Kind::Word && substitute_alias()) {
    }
    const bool reserved =
        peek().kind == Token::Kind::Word && peek().word->plain && is_reserved_word(peek().word->text());
    if (!is_operator("(") && !reserved) {
        return simple_command();
    }
    Node* const node = compound_command();
    if (node == nullptr || !redirections(node->redirections)) {
        return nullptr;
    }
    return node;
}

Node* Parser::compound_command()
{
    if (is_operator("(")) {
        Node* const node = make(Node::Kind::Subshell);
        take();
        node->body = compound_list();
        if (node->body == nullptr || !is_operator(")")) {
            return unexpected();
        }
        take();
        return node;
    }
    if (is_reserved("{")) {
        Node* const node = make(Node::Kind::Group);
        take();
        node->body = compound_list();
        return node->body != nullptr && expect("}") ? node : nullptr;
    }
    if (is_reserved("for")) {
        return for_command();
    }
    if (is_reserved("while")) {
        return loop_command(Node::Kind::While);
    }
    if (is_reserved("until")) {
        return loop_command(Node::Kind::Until);
    }
    if (is_reserved("if")) {
        return if_command();
    }
    if (is_reserved("case")) {
        return case_command();
    }
    return unexpected();
}

/// A list that is not empty, and may have newlines around.
Node* Parser::compound_list()
{
    skip_newlines();
    return ends_list() ? static_cast<Node*>(unexpected()) : list(false);
}

Node* Parser::do_group()
{
    if (!expect("do")) {
        return nullptr;
    }
    Node* const body = compound_list();
    return body != nullptr && expect("done") ? body : nullptr;
}

/// for NAME [ in WORD... ; ] do list done
Node* Parser::for_command()
{
    Node* const node = make(Node::Kind::For);
    take();
    if (peek().kind != Token::Kind::Word || !peek().word->plain || !posix::is_name(peek().word->text())) {
        return unexpected();
    }
    node->name = take().word->text();
    if (is_operator(";")) {
        take();
    }
    skip_newlines();
    if (is_reserved("in")) {
        take();
        node->has_words = true;
        Word** end = &node->words;
        while (!failed_ && peek().kind == Token::Kind::Word) {
            *end = take().word;
            end = &(*end)->next;
        }
        if (!is_operator(";") && peek().kind != Token::Kind::Newline) {
            return unexpected();
        }
        take();
        skip_newlines();
    }
    node->body = do_group();
    return node->body == nullptr ? nullptr : node;
}

Node* Parser::loop_command(Node::Kind kind)
{
    Node* const node = make(kind);
    take();
    node->left = compound_list();
    node->body = node->left == nullptr ? nullptr : do_group();
    return node->body == nullptr ? nullptr : node;
}

/// if list then list { elif list then list } [ else list ] fi; an elif is an if in the place of the else.
Node* Parser::if_command()
{
    Node* const outermost = make(Node::Kind::If);
    Node* node = outermost;
    for (;;) {
        take();
        node->left = compound_list();
        if (node->left == nullptr || !expect("then")) {
            return nullptr;
        }
        node->body = compound_list();
        if (node->body == nullptr) {
            return nullptr;
        }
        if (!is_reserved("elif")) {
            break;
        }
        node->right = make(Node::Kind::If);
        node = node->right;
    }
    if (is_reserved("else")) {
        take();
        node->right = compound_list();
        if (node->right == nullptr) {
            return nullptr;
        }
    }
    return expect("fi") ? outermost : nullptr;
}

/// case WORD in { item } esac
Node* Parser::case_command()
{
    Node* const node = make(Node::Kind::Case);
    take();
    if (peek().kind != Token::Kind::Word) {
        return unexpected();
    }
    node->words = take().word;
    skip_newlines();
    if (!expect("in")) {
        return nullptr;
    }
    skip_newlines();
    for (CaseItem** end = &node->items; !is_reserved("esac"); end = &(*end)->next) {
        *end = case_item();
        if (*end == nullptr) {
            return nullptr;
        }
        skip_newlines();
    }
    return expect("esac") ? node : nullptr;
}

/// [ "(" ] PATTERN { "|" PATTERN } ")" [ list ] ";;"      the last item may end without the ;;
CaseItem* Parser::case_item()
{
    auto* const item = arena_.make<CaseItem>();
    if (is_operator("(")) {
        take();
    }
    for (Word** end = &item->patterns;; end = &(*end)->next) {
        if (failed_ || peek().kind != Token::Kind::Word) {
            return unexpected();
        }
        *end = take().word;
        if (!is_operator("|")) {
            break;
        }
        take();
    }
    if (!is_operator(")")) {
        return unexpected();
    }
    take();
    skip_newlines();
    if (!ends_list()) {
        item->body = list(false);
        if (item->body == nullptr) {
            return nullptr;
        }
    }
    if (is_operator(";;")) {
        take();
    } else if (!is_reserved("esac")) {
        return unexpected();
    }
    return item;
}

} // namespace shell
