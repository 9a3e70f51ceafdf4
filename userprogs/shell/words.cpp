// SPDX-License-Identifier: MIT
// Words, their quotes, and what is expanded in them.  [POSIX "Quoting", "Word Expansions"]
#include "shell/parser.h"

namespace shell {

using posix::View;

/// The parts of a word as they come; characters that are quoted alike make one Text.
class Parser::PartList {
public:
    explicit PartList(Arena& arena) : arena_{arena} {}

    void add(char c, bool quoted)
    {
        begin_text(quoted);
        text_.append(c);
    }
    /// Makes a Text even if nothing comes: "" is a word.
    void begin_text(bool quoted)
    {
        if (has_text_ && quoted_ != quoted) {
            flush();
        }
        has_text_ = true;
        quoted_ = quoted;
    }
    Part* add(Part::Kind kind, bool quoted)
    {
        flush();
        auto* const part = arena_.make<Part>();
        part->kind = kind;
        part->quoted = quoted;
        *end_ = part;
        end_ = &part->next;
        return part;
    }
    Part* first()
    {
        flush();
        return first_;
    }

private:
    void flush()
    {
        if (has_text_) {
            has_text_ = false;
            Part* const part = add(Part::Kind::Text, quoted_);
            part->text = arena_.copy(text_);
            text_.clear();
        }
    }

    Arena& arena_;
    Part* first_ = nullptr;
    Part** end_ = &first_;
    posix::String text_;
    bool has_text_ = false, quoted_ = false;
};

namespace {

bool is_special_parameter(int c)
{
    return c > 0 && View{"@*#?-$!"}.contains(static_cast<char>(c));
}

bool ends_word(int c)
{
    return c == Source::kEnd || (c > 0 && View{" \t\n;&|<>()"}.contains(static_cast<char>(c)));
}

} // namespace

Word* Parser::word()
{
    const unsigned line = source_.line();
    PartList list{arena_};
    if (!parts(list, Ending::Word)) {
        return nullptr;
    }
    auto* const result = arena_.make<Word>();
    result->line = line;
    result->parts = list.first();
    const Part* const first = result->parts;
    result->plain = first != nullptr && first->next == nullptr && first->kind == Part::Kind::Text && !first->quoted;
    return result;
}

Word* Parser::text_with_expansions()
{
    PartList list{arena_};
    if (!parts(list, Ending::EndOfText)) {
        return nullptr;
    }
    auto* const result = arena_.make<Word>();
    result->parts = list.first();
    return result;
}

/// Parts up to what `ending` says.  A quote, a brace or a )) that ends them is taken; what ends a word is not.
bool Parser::parts(PartList& list, Ending ending)
{
    if (context_.stack->exhausted()) {
        fail("syntax error: expansions are nested too deep");
        return false;
    }
    const bool quoted = ending != Ending::Word && ending != Ending::Brace;
    const bool is_text = ending == Ending::EndOfText || ending == Ending::Arithmetic;
    const unsigned first_line = source_.line();
    unsigned depth = 0; // of parentheses in arithmetic
    for (;;) {
        const int c = source_.peek();
        if (failed_) {
            return false;
        }
        if (c == Source::kEnd && ending != Ending::Word && ending != Ending::EndOfText) {
            cut_short_ = true;
            fail(ending == Ending::DoubleQuote ? "syntax error: a double quote is not closed"
                                               : "syntax error: a ${ or $(( is not closed",
                 first_line);
            return false;
        }
        if (c == Source::kEnd || (ending == Ending::Word && ends_word(c))) {
            return true;
        }
        if ((ending == Ending::DoubleQuote && c == '"') ||
            ((ending == Ending::Brace || ending == Ending::QuotedBrace) && c == '}')) {
            source_.next();
            return true;
        }
        if (ending == Ending::Arithmetic && c == ')' && depth == 0) {
            return true;
        }
        source_.next();
        if (ending == Ending::Arithmetic) {
            depth += c == '(' ? 1U : 0U;
            depth -= c == ')' ? 1U : 0U;
        }
        if (c == '\\') {
            const int escaped = source_.peek_raw();
            const View special = ending == Ending::EndOfText     ? "$`\\"
                                 : ending == Ending::QuotedBrace ? "$`\"\\}"
                                                                 : "$`\"\\";
            const bool escapes = escaped != Source::kEnd && (!quoted || special.contains(static_cast<char>(escaped)));
            list.add(escapes ? static_cast<char>(source_.next_raw()) : '\\', true);
        } else if (c == '$') {
            if (!dollar(list, quoted)) {
                return false;
            }
        } else if (c == '`') {
            if (!backquotes(list, quoted)) {
                return false;
            }
        } else if (c == '\'' && !quoted) {
            if (!single_quotes(list)) {
                return false;
            }
        } else if (c == '"' && !is_text) {
            // Within "${x-...}" a pair of quotes changes nothing.
            if (source_.peek() == '"') {
                list.begin_text(true);
            }
            if (!parts(list, Ending::DoubleQuote)) {
                return false;
            }
        } else if (c != '"' || ending == Ending::EndOfText) {
            list.add(static_cast<char>(c), quoted);
        }
    }
}

bool Parser::single_quotes(PartList& list)
{
    list.begin_text(true);
    const unsigned first_line = source_.line();
    for (;;) {
        const int c = source_.next_raw();
        if (c == Source::kEnd) {
            cut_short_ = true;
            fail("syntax error: a single quote is not closed", first_line);
            return false;
        }
        if (c == '\'') {
            return true;
        }
        list.add(static_cast<char>(c), true);
    }
}

/// What follows a $, which is taken.
bool Parser::dollar(PartList& list, bool quoted)
{
    const int c = source_.peek();
    if (c == '{') {
        source_.next();
        return braces(list, quoted);
    }
    if (c == '(') {
        Part& part = *list.add(Part::Kind::Command, quoted);
        if (source_.peek(1) == '(') {
            return two_parentheses(part);
        }
        source_.next();
        return command_substitution(part);
    }
    posix::String name;
    if (c > 0 && posix::is_name_start(static_cast<char>(c))) {
        while (source_.peek() > 0 && posix::is_name_part(static_cast<char>(source_.peek()))) {
            name.append(static_cast<char>(source_.next()));
        }
    } else if (c > 0 && (posix::is_digit(static_cast<char>(c)) || is_special_parameter(c))) {
        name.append(static_cast<char>(source_.next()));
    } else {
        list.add('$', quoted);
        return true;
    }
    list.add(Part::Kind::Parameter, quoted)->text = arena_.copy(name);
    return true;
}

/// ${ ... }, of which the brace is taken.
bool Parser::braces(PartList& list, bool quoted)
{
    Part* const part = list.add(Part::Kind::Parameter, quoted);
    if (source_.peek() == '#' && source_.peek(1) != '}') {
        source_.next();
        part->operation = Part::Operator::Length;
    }
    posix::String name;
    if (is_special_parameter(source_.peek())) {
        name.append(static_cast<char>(source_.next()));
    } else {
        while (source_.peek() > 0 && posix::is_name_part(static_cast<char>(source_.peek()))) {
            name.append(static_cast<char>(source_.next()));
        }
    }
    part->text = arena_.copy(name);
    const bool is_number = !name.empty() && posix::is_digit(name[0]);
    bool good = !name.empty();
    for (size_t i = 0; is_number && i < name.size(); ++i) {
        good = good && posix::is_digit(name[i]);
    }
    if (good && source_.peek() == '}') {
        source_.next();
        return true;
    }
    good = good && part->operation == Part::Operator::None;
    part->colon = source_.peek() == ':';
    if (part->colon) {
        source_.next();
    }
    bool is_pattern = false;
    switch (good ? source_.next() : '}') {
    case '-': part->operation = Part::Operator::Default; break;
    case '=': part->operation = Part::Operator::Assign; break;
    case '?': part->operation = Part::Operator::Complain; break;
    case '+': part->operation = Part::Operator::Alternative; break;
    case '%':
        part->operation = Part::Operator::ShortSuffix;
        is_pattern = true;
        break;
    case '#':
        part->operation = Part::Operator::ShortPrefix;
        is_pattern = true;
        break;
    default: good = false; break;
    }
    if (!good || (is_pattern && part->colon)) {
        cut_short_ = source_.peek() == Source::kEnd;
        fail("syntax error: a ${ that means nothing");
        return false;
    }
    if (is_pattern && source_.peek() == (part->operation == Part::Operator::ShortSuffix ? '%' : '#')) {
        source_.next();
        part->operation =
            part->operation == Part::Operator::ShortSuffix ? Part::Operator::LongSuffix : Part::Operator::LongPrefix;
    }
    // Quotes around the whole do not quote a pattern in it.
    PartList inner{arena_};
    if (!parts(inner, quoted && !is_pattern ? Ending::QuotedBrace : Ending::Brace)) {
        return false;
    }
    part->word = arena_.make<Word>();
    part->word->parts = inner.first();
    return true;
}

/// $(list), of which the parenthesis is taken.
bool Parser::command_substitution(Part& part)
{
    // The commands within are read with a token of their own: this one is half read.
    const Token outer = token_;
    const bool outer_has = has_token_;
    posix::Vector<HereDocument> outer_pending{posix::move(pending_)};
    has_token_ = false;
    part.kind = Part::Kind::Command;
    skip_newlines();
    if (!failed_ && !is_operator(")")) {
        part.command = list(false);
    }
    if (!failed_ && !is_operator(")")) {
        unexpected();
    }
    if (!failed_ && !pending_.empty()) {
        fail("syntax error: a here-document has no text before the )");
    }
    token_ = outer;
    has_token_ = outer_has;
    pending_ = posix::move(outer_pending);
    return !failed_;
}

/// `text`, of which the first quote is taken: a backslash quotes $, ` and itself in it, and is gone then.
bool Parser::backquotes(PartList& list, bool quoted)
{
    posix::String text;
    const unsigned line = source_.line();
    for (;;) {
        const int c = source_.next();
        if (c == Source::kEnd) {
            cut_short_ = true;
            fail("syntax error: a backquote is not closed", line);
            return false;
        }
        if (c == '`') {
            break;
        }
        const int escaped = source_.peek_raw();
        const View special = quoted ? View{"$`\\\""} : View{"$`\\"};
        if (c == '\\' && escaped > 0 && special.contains(static_cast<char>(escaped))) {
            text.append(static_cast<char>(source_.next_raw()));
        } else {
            text.append(static_cast<char>(c));
        }
    }
    Source inner{text, line};
    Parser parser{inner, arena_, context_};
    Part* const part = list.add(Part::Kind::Command, quoted);
    if (!parser.whole(part->command)) {
        fail(parser.error());
        return false;
    }
    return true;
}

/// $((expression)), or a command substitution that begins with a subshell: that is known where the first unpaired
/// parenthesis closes, so that the latter is read twice.  What is found in it is remembered, or each level of such
/// substitutions in one another would double the work.
bool Parser::two_parentheses(Part& part)
{
    const Source::Place begin = source_.place();
    for (const Substitution& known : known_) {
        if (known.begin == begin.at) {
            source_.back(known.end);
            part.kind = known.part->kind;
            part.word = known.part->word;
            part.command = known.part->command;
            failed_ = known.failed;
            error_ = known.error;
            error_line_ = known.error_line;
            return !failed_;
        }
    }
    ++guesses_;
    bool good = arithmetic(part);
    --guesses_;
    if (!good && !cut_short_) {
        failed_ = false;
        source_.back(begin);
        source_.next();
        good = command_substitution(part);
    }
    if (guesses_ > 0) {
        known_.append({begin.at, source_.place(), &part, failed_, error_, error_line_});
    } else {
        known_.clear();
    }
    return good;
}

/// $((expression)) from its first parenthesis on; false when it is none.
bool Parser::arithmetic(Part& part)
{
    source_.next();
    source_.next();
    PartList inner{arena_};
    if (!parts(inner, Ending::Arithmetic) || source_.peek() != ')' || source_.peek(1) != ')') {
        return false;
    }
    source_.next();
    source_.next();
    part.kind = Part::Kind::Arithmetic;
    part.word = arena_.make<Word>();
    part.word->parts = inner.first();
    return true;
}

} // namespace shell
