// SPDX-License-Identifier: MIT
#include "editor/session.h"

#include "posix/glyph.h"

namespace editor {

using posix::Key;
using posix::String;
using posix::View;

namespace {

constexpr View kHelp = "^S save ^O save as ^Q quit ^F find ^N next ^P previous ^R replace ^G line ^Z undo ^Y redo "
                       "^K cut ^C copy ^V paste";
/// The status and the line below it.
constexpr size_t kBottomRows = 2;

} // namespace

Session::End Session::run(bool read_only, View message)
{
    read_only_ = read_only;
    say(message.empty() ? kHelp : message);
    resize();
    while (!leaving_ && !gone_) {
        // What comes at once, as a paste does, is drawn once.
        if (!keys_.pending()) {
            draw();
        }
        const Key key = next_key();
        if (gone_) {
            break;
        }
        was_cutting_ = cutting_;
        cutting_ = false;
        if (key.kind != Key::Kind::Woken) {
            say("");
            handle(key);
        }
    }
    screen_.leave();
    return gone_ ? End::Gone : End::Left;
}

void Session::resize()
{
    screen_.resize();
}

/// The next key; signals are taken here, and at the end of all `gone_` is set.
Key Session::next_key()
{
    const Key key = keys_.read();
    if (key.kind == Key::Kind::Gone) {
        gone_ = true;
    }
    if (key.kind == Key::Kind::Woken) {
        const Signals::News news = signals_.take();
        gone_ = gone_ || news == Signals::News::Leave;
        if (news == Signals::News::Resized) {
            resize();
        }
    }
    return key;
}

String Session::status_line() const
{
    String text{" "};
    text.append(file_.path().empty() ? View{"(no name)"} : file_.path());
    text.append(document_.is_modified() ? " *" : "").append(read_only_ ? " [read-only]" : "");
    text.append(document_.line_end_text().size() > 1 ? " [CRLF]" : "").append("  line ");
    text.append_size(line_number_).append('/');
    text.append_size(document_.line_count()).append(", column ");
    text.append_size(wanted_column_ + 1);
    return text;
}

void Session::draw()
{
    draw(message_.empty() ? kHelp : message_.view(), posix::kNowhere);
}

/// `prompt_columns`: where the cursor stands in the bottom row, or kNowhere: it stands in the text.
void Session::draw(View bottom, size_t prompt_columns)
{
    const size_t rows = screen_.rows() > kBottomRows ? screen_.rows() - kBottomRows : 1;
    window_.follow(document_, cursor_, rows, screen_.columns());
    window_.draw(document_, screen_, rows);
    screen_.set(rows, cut_columns(status_line(), 0, screen_.columns()), true);
    // Of a long prompt the end is shown, where the cursor is.
    const bool in_prompt = prompt_columns != posix::kNowhere;
    const size_t left = in_prompt && prompt_columns >= screen_.columns() ? prompt_columns - screen_.columns() + 1 : 0;
    screen_.set(rows + 1, cut_columns(bottom, left, screen_.columns()));
    const bool shown = in_prompt ? screen_.show(rows + 1, prompt_columns - left)
                                 : screen_.show(window_.cursor_row(), window_.cursor_column());
    gone_ = gone_ || !shown;
}

void Session::go_to(size_t position)
{
    const bool forward = position >= cursor_;
    const size_t lines = forward ? document_.bytes().count_newlines(cursor_, position)
                                 : document_.bytes().count_newlines(position, cursor_);
    line_number_ = forward ? line_number_ + lines : line_number_ - lines;
    cursor_ = position;
    const size_t begin = document_.line_begin(cursor_);
    wanted_column_ = column_of(document_.bytes().view(begin, document_.line_end(begin)), cursor_ - begin);
}

void Session::move_lines(long lines)
{
    const size_t column = wanted_column_;
    size_t begin = document_.line_begin(cursor_);
    for (; lines < 0 && begin > 0; ++lines) {
        begin = document_.line_begin(begin - 1);
    }
    for (; lines > 0 && document_.next_line(begin) != posix::kNowhere; --lines) {
        begin = document_.next_line(begin);
    }
    go_to(begin + byte_at_column(document_.bytes().view(begin, document_.line_end(begin)), column));
    wanted_column_ = column;
}

void Session::handle(const Key& key)
{
    const long page = screen_.rows() > kBottomRows + 1 ? static_cast<long>(screen_.rows() - kBottomRows - 1) : 1;
    switch (key.kind) {
    case Key::Kind::Text: type(key.text()); return;
    case Key::Kind::Control:
        if (key.bytes[0] == 0x7f) {
            erase(document_.before(cursor_), cursor_, true);
        } else {
            control(static_cast<char>(key.bytes[0] | 0x40));
        }
        return;
    case Key::Kind::Delete: erase(cursor_, document_.after(cursor_), true); return;
    default: break;
    }
    document_.separate_changes();
    switch (key.kind) {
    case Key::Kind::Up: move_lines(-1); break;
    case Key::Kind::Down: move_lines(1); break;
    case Key::Kind::PageUp: move_lines(-page); break;
    case Key::Kind::PageDown: move_lines(page); break;
    case Key::Kind::Left: go_to(document_.before(cursor_)); break;
    case Key::Kind::Right: go_to(document_.after(cursor_)); break;
    case Key::Kind::Home: go_to(document_.line_begin(cursor_)); break;
    case Key::Kind::End: go_to(document_.line_end(cursor_)); break;
    case Key::Kind::Alt:
        if (key.bytes[0] == '<' || key.bytes[0] == '>') {
            go_to(key.bytes[0] == '<' ? 0 : document_.size());
        } else if (key.bytes[0] >= 'a' && key.bytes[0] <= 'z') {
            // Some lines keep ^S and ^Q for themselves: Alt does as Control.
            control(static_cast<char>(key.bytes[0] & ~0x20));
        }
        break;
    default: break;
    }
}

void Session::control(char letter)
{
    switch (letter) {
    case 'M':
    case 'J': new_line(); return;
    case 'I': type("\t"); return;
    case 'H': erase(document_.before(cursor_), cursor_, true); return;
    default: document_.separate_changes(); break;
    }
    switch (letter) {
    case 'A': go_to(document_.line_begin(cursor_)); break;
    case 'E': go_to(document_.line_end(cursor_)); break;
    case 'S': save(); break;
    case 'O': save_as(); break;
    case 'Q': quit(); break;
    case 'F': find(); break;
    case 'N': find_again(true); break;
    case 'P': find_again(false); break;
    case 'R': replace(); break;
    case 'G': go_to_line(); break;
    case 'Z': undo_or_redo(true); break;
    case 'Y': undo_or_redo(false); break;
    case 'K': cut_line(); break;
    case 'C': copy_line(); break;
    case 'V': paste(); break;
    case 'L': resize(); break;
    default: say("This key means nothing."); break;
    }
}

} // namespace editor
