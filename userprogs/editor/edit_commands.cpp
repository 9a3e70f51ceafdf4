// SPDX-License-Identifier: MIT
// Commands that change the text.
#include "editor/session.h"

namespace editor {

using posix::String;
using posix::View;

namespace {

constexpr View kNoMemory = "There is no memory left for this: nothing was changed.";

} // namespace

bool Session::may_edit()
{
    if (read_only_) {
        say("This file is read-only.");
    }
    return !read_only_;
}

void Session::type(View text)
{
    if (!may_edit()) {
        return;
    }
    if (!document_.replace(cursor_, 0, text, true, true)) {
        say(kNoMemory);
        return;
    }
    go_to(cursor_ + text.size());
}

void Session::new_line()
{
    document_.separate_changes();
    const String end{document_.line_end_text()};
    type(end);
    document_.separate_changes();
}

void Session::erase(size_t begin, size_t end, bool join)
{
    if (begin == end || !may_edit()) {
        return;
    }
    const size_t before = cursor_;
    go_to(begin);
    if (!document_.replace(begin, end - begin, "", true, join)) {
        go_to(before);
        say(kNoMemory);
    }
}

/// The line with its end goes to the clipboard; behind lines cut just before, which stay there.
void Session::cut_line()
{
    if (!may_edit()) {
        return;
    }
    const size_t begin = document_.line_begin(cursor_);
    const size_t next = document_.next_line(cursor_);
    const size_t end = next == posix::kNowhere ? document_.size() : next;
    if (begin == end) {
        return;
    }
    if (!was_cutting_) {
        clipboard_.clear();
    }
    if (!clipboard_.try_append(document_.bytes().view(begin, end))) {
        say(kNoMemory);
        return;
    }
    cutting_ = true;
    erase(begin, end, false);
    go_to(posix::smaller(cursor_, document_.size()));
}

void Session::copy_line()
{
    const size_t begin = document_.line_begin(cursor_);
    const size_t next = document_.next_line(cursor_);
    clipboard_.clear();
    if (clipboard_.try_append(document_.bytes().view(begin, next == posix::kNowhere ? document_.size() : next))) {
        say("The line was copied.");
    } else {
        say(kNoMemory);
    }
}

void Session::paste()
{
    if (clipboard_.empty()) {
        say("Nothing was cut or copied.");
        return;
    }
    document_.separate_changes();
    type(clipboard_);
    document_.separate_changes();
}

void Session::undo_or_redo(bool undo)
{
    if (!may_edit()) {
        return;
    }
    const size_t place = undo ? document_.undo() : document_.redo();
    if (place == posix::kNowhere) {
        say(undo ? "There is nothing to undo." : "There is nothing to do again.");
        // A group that was undone in part has moved the text under the cursor.
    }
    cursor_ = place == posix::kNowhere ? posix::smaller(cursor_, document_.size()) : place;
    line_number_ = document_.line_number(cursor_);
    go_to(cursor_);
}

} // namespace editor
