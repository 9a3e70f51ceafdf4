// SPDX-License-Identifier: MIT
#include "posix/line_editor.h"

#include "posix/glyph.h"
#include "posix/output.h"

namespace posix {
namespace {

constexpr View kBell = "\a";
constexpr View kClearScreen = "\x1b[H\x1b[2J";
constexpr View kClearToEnd = "\x1b[K";

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/// The part of all candidates that is the same.
View common_start(const Vector<String>& candidates)
{
    View common = candidates[0];
    for (const String& candidate : candidates) {
        size_t same = 0;
        while (same < common.size() && same < candidate.size() && common[same] == candidate[same]) {
            ++same;
        }
        common = common.first(same);
    }
    return common;
}

} // namespace

void LineEditor::put(View text) const
{
    write_all(output_, text);
}

LineEditor::Result LineEditor::read(View prompt, String& line, const History& history)
{
    if (!terminal_.enter()) {
        return read_plain(prompt, line);
    }
    size_t last_line = 0;
    for (size_t i = 0; i < prompt.size(); ++i) {
        last_line = prompt[i] == '\n' ? i + 1 : last_line;
    }
    put(prompt.first(last_line));
    prompt_.assign(prompt.from(last_line));
    line_.clear();
    new_line_.clear();
    cursor_ = scroll_ = 0;
    history_ = &history;
    history_index_ = history.size();
    Step step = Step::Going;
    draw();
    while (step == Step::Going) {
        const Key key = keys_.read();
        const bool was_tab = tab_again_;
        step = handle(key);
        tab_again_ = tab_again_ && !was_tab;
        // What is pasted is drawn once.
        if (step == Step::Going && !keys_.pending()) {
            draw();
        }
    }
    if (step == Step::Done) {
        cursor_ = line_.size();
        draw();
    }
    put(step == Step::Interrupted ? "^C\r\n" : "\r\n");
    terminal_.leave();
    line.assign(line_);
    return step == Step::Done ? Result::Line : step == Step::Interrupted ? Result::Interrupted : Result::End;
}

/// Byte by byte, as what follows the line may be meant for another program.
LineEditor::Result LineEditor::read_plain(View prompt, String& line)
{
    put(prompt);
    line.clear();
    for (;;) {
        char byte = 0;
        const ssize_t count = ::read(input_, &byte, 1);
        if (count < 0 && errno == EINTR) {
            return Result::Interrupted;
        }
        if (count <= 0) {
            return line.empty() ? Result::End : Result::Line;
        }
        if (byte == '\n') {
            return Result::Line;
        }
        if (line.size() < kLineLimit) {
            line.append(byte);
        }
    }
}

LineEditor::Step LineEditor::handle(const Key& key)
{
    switch (key.kind) {
    case Key::Kind::Text: insert(key.text()); break;
    case Key::Kind::Control: return control(key.bytes[0] == 0x7f ? 'H' : static_cast<char>(key.bytes[0] | 0x40));
    case Key::Kind::Alt: alt(key.bytes[0]); break;
    case Key::Kind::Up: move_in_history(true); break;
    case Key::Kind::Down: move_in_history(false); break;
    case Key::Kind::Left: cursor_ = cursor_ == 0 ? 0 : glyph_before(line_, cursor_); break;
    case Key::Kind::Right: cursor_ += cursor_ == line_.size() ? 0 : glyph_at(line_, cursor_).size; break;
    case Key::Kind::Home: cursor_ = 0; break;
    case Key::Kind::End: cursor_ = line_.size(); break;
    case Key::Kind::Delete:
        if (cursor_ < line_.size()) {
            erase(cursor_, cursor_ + glyph_at(line_, cursor_).size, false);
        }
        break;
    case Key::Kind::Gone: return Step::End;
    default: break;
    }
    return Step::Going;
}

LineEditor::Step LineEditor::control(char letter)
{
    switch (letter) {
    case 'M':
    case 'J': return Step::Done;
    case 'C': return Step::Interrupted;
    case 'D': return line_.empty() ? Step::End : handle({.kind = Key::Kind::Delete});
    case 'A': return handle({.kind = Key::Kind::Home});
    case 'E': return handle({.kind = Key::Kind::End});
    case 'B': return handle({.kind = Key::Kind::Left});
    case 'F': return handle({.kind = Key::Kind::Right});
    case 'P': return handle({.kind = Key::Kind::Up});
    case 'N': return handle({.kind = Key::Kind::Down});
    case 'H': erase(cursor_ == 0 ? 0 : glyph_before(line_, cursor_), cursor_, false); break;
    case 'U': erase(0, cursor_, true); break;
    case 'K': erase(cursor_, line_.size(), true); break;
    case 'W': erase(word_begin(), cursor_, true); break;
    case 'Y': insert(killed_); break;
    case 'L': put(kClearScreen); break;
    case 'R': search(); break;
    case 'I': complete(); break;
    default: put(kBell); break;
    }
    return Step::Going;
}

void LineEditor::alt(char letter)
{
    switch (letter) {
    case 'b': cursor_ = word_begin(); break;
    case 'f': cursor_ = word_end(); break;
    case 'd': erase(cursor_, word_end(), true); break;
    case '\x7f': erase(word_begin(), cursor_, true); break;
    default: put(kBell); break;
    }
}

void LineEditor::insert(View text)
{
    if (line_.size() + text.size() > kLineLimit || !line_.try_insert(cursor_, text)) {
        put(kBell);
        return;
    }
    cursor_ += text.size();
}

void LineEditor::erase(size_t begin, size_t end, bool keep)
{
    if (keep && end > begin) {
        killed_.assign(line_.view().from(begin, end - begin));
    }
    line_.remove(begin, end - begin);
    cursor_ = begin;
}

size_t LineEditor::word_begin() const
{
    size_t at = cursor_;
    while (at > 0 && is_blank(line_[at - 1])) {
        --at;
    }
    while (at > 0 && !is_blank(line_[at - 1])) {
        --at;
    }
    return at;
}

size_t LineEditor::word_end() const
{
    size_t at = cursor_;
    while (at < line_.size() && is_blank(line_[at])) {
        ++at;
    }
    while (at < line_.size() && !is_blank(line_[at])) {
        ++at;
    }
    return at;
}

void LineEditor::move_in_history(bool older)
{
    if (older ? history_index_ == 0 : history_index_ == history_->size()) {
        put(kBell);
        return;
    }
    if (history_index_ == history_->size()) {
        new_line_.assign(line_);
    }
    show_history_line(older ? history_index_ - 1 : history_index_ + 1);
}

void LineEditor::show_history_line(size_t index)
{
    history_index_ = index;
    line_.assign(index == history_->size() ? new_line_.view() : (*history_)[index]);
    cursor_ = line_.size();
}

/// The line at or before `index` that holds `wanted`.
bool LineEditor::find_older(View wanted, size_t& index) const
{
    for (size_t i = index + 1; i-- > 0;) {
        if (i < history_->size() &&
            memmem((*history_)[i].data(), (*history_)[i].size(), wanted.data(), wanted.size()) != nullptr) {
            index = i;
            return true;
        }
    }
    return false;
}

/// ^R: what is typed then is looked for in the history, ^R again goes on; ^G and ^C take the line from before, any
/// other key ends the search and is then done.
void LineEditor::search()
{
    const String before{line_.view()};
    const String prompt{prompt_.view()};
    String wanted;
    size_t index = history_->size();
    bool found = true;
    for (;;) {
        prompt_.assign(found ? "(search)'" : "(search fails)'");
        prompt_.append(wanted).append("': ");
        draw();
        const Key key = keys_.read();
        const size_t last = index;
        if (key.kind == Key::Kind::Text) {
            wanted.append(key.text());
            found = find_older(wanted, index);
        } else if (key.is_control('R')) {
            index -= index > 0 ? 1U : 0U;
            found = last > 0 && find_older(wanted, index);
        } else if (key.is_control('H') || (key.kind == Key::Kind::Control && key.bytes[0] == 0x7f)) {
            wanted.truncate(wanted.empty() ? 0 : glyph_before(wanted, wanted.size()));
        } else {
            prompt_.assign(prompt);
            if (key.is_control('G') || key.is_control('C') || key.kind == Key::Kind::Gone) {
                line_.assign(before);
                cursor_ = line_.size();
            } else if (!key.is_control('M') && !key.is_control('J')) {
                handle(key);
            }
            return;
        }
        if (found && index < history_->size()) {
            show_history_line(index);
        } else {
            index = last;
        }
    }
}

void LineEditor::complete()
{
    if (completer_.complete == nullptr) {
        put(kBell);
        return;
    }
    Completion completion;
    completer_.complete(completer_.context, line_, cursor_, completion);
    if (completion.candidates.empty()) {
        put(kBell);
        return;
    }
    const View common = common_start(completion.candidates);
    const View typed = line_.view().from(completion.begin, cursor_ - completion.begin);
    if (completion.candidates.size() > 1 && common == typed) {
        if (tab_again_) {
            list(completion);
        } else {
            put(kBell);
            tab_again_ = true;
        }
        return;
    }
    const String replacement{common};
    erase(completion.begin, cursor_, false);
    insert(replacement);
}

/// The candidates in columns under the line.
void LineEditor::list(const Completion& completion)
{
    constexpr size_t kListLimit = 200;
    const size_t count = smaller(completion.candidates.size(), kListLimit);
    size_t widest = 0;
    for (size_t i = 0; i < count; ++i) {
        widest = larger(widest, columns_of(completion.candidates[i]));
    }
    const size_t in_a_row = larger(size_t{1}, window_size(output_).columns / (widest + 2));
    String output;
    for (size_t i = 0; i < count; ++i) {
        output.append(i % in_a_row == 0 ? "\r\n" : "").append(completion.candidates[i]);
        for (size_t blanks = columns_of(completion.candidates[i]); blanks < widest + 2; ++blanks) {
            output.append(' ');
        }
    }
    put(output.append(count < completion.candidates.size() ? "\r\n...\r\n" : "\r\n"));
}

void LineEditor::draw()
{
    const size_t prompt_columns = columns_of(prompt_);
    const size_t window = window_size(output_).columns;
    // The last column stays free: a terminal that has written it may already stand in the next line.
    const size_t room = window > prompt_columns + 8 ? window - prompt_columns - 1 : 8;
    scroll_ = cursor_ < scroll_ ? cursor_ : scroll_;
    while (columns_of(line_.view().from(scroll_, cursor_ - scroll_)) >= room) {
        scroll_ += glyph_at(line_, scroll_).size;
    }
    String output{"\r"};
    output.append(prompt_);
    size_t columns = 0;
    size_t cursor_column = 0;
    for (size_t at = scroll_; at < line_.size();) {
        const Glyph glyph = glyph_at(line_, at);
        cursor_column = at == cursor_ ? columns : cursor_column;
        if (columns + glyph.columns > room) {
            break;
        }
        output.append(glyph.view());
        columns += glyph.columns;
        at += glyph.size;
    }
    cursor_column = cursor_ == line_.size() ? columns : cursor_column;
    output.append(kClearToEnd).append('\r');
    if (prompt_columns + cursor_column > 0) {
        output.append("\x1b[").append_size(prompt_columns + cursor_column).append('C');
    }
    put(output);
}

} // namespace posix
