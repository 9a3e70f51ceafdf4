// SPDX-License-Identifier: MIT
// Commands that ask in the bottom row.
#include "editor/session.h"
#include "posix/glyph.h"

namespace editor {

using posix::Key;
using posix::String;
using posix::View;

/// Reads `answer`, which may hold something to begin with.  `changed` is told of each change.
Session::Answer Session::ask(View question, String& answer, void (Session::*changed)(View))
{
    for (;;) {
        String shown{question};
        shown.append(answer);
        draw(shown, posix::columns_of(shown));
        const Key key = next_key();
        if (gone_ || key.kind == Key::Kind::Escape || key.is_control('C') || key.is_control('G')) {
            say("");
            return Answer::Cancelled;
        }
        if (key.is_control('M') || key.is_control('J')) {
            return Answer::Done;
        }
        if (key.kind == Key::Kind::Text || key.is_control('I')) {
            answer.append(key.text());
        } else if (key.is_control('H') || (key.kind == Key::Kind::Control && key.bytes[0] == 0x7f)) {
            answer.truncate(answer.empty() ? 0 : posix::glyph_before(answer, answer.size()));
        } else if (key.is_control('U')) {
            answer.clear();
        } else {
            continue;
        }
        if (changed != nullptr) {
            (this->*changed)(answer);
        }
    }
}

/// One of `letters`; \0 when nothing is answered.
char Session::ask_letter(View question, View letters)
{
    for (;;) {
        draw(question, posix::columns_of(question));
        const Key key = next_key();
        if (gone_ || key.kind == Key::Kind::Escape || key.is_control('C') || key.is_control('G')) {
            return '\0';
        }
        const char letter = key.kind == Key::Kind::Text ? static_cast<char>(key.bytes[0] | 0x20) : '\0';
        if (letter != '\0' && letters.contains(letter)) {
            return letter;
        }
    }
}

void Session::search_from_origin(View wanted)
{
    const size_t found = document_.find(wanted, origin_);
    go_to(found == posix::kNowhere ? origin_ : found);
}

void Session::find()
{
    String wanted;
    origin_ = cursor_;
    if (ask("Find: ", wanted, &Session::search_from_origin) == Answer::Cancelled) {
        go_to(origin_);
        return;
    }
    if (wanted.empty()) {
        // Nothing typed: what was looked for last.
        find_again(true);
        return;
    }
    wanted_ = posix::move(wanted);
    if (document_.find(wanted_, origin_) == posix::kNowhere) {
        say("It is not found.");
    }
}

void Session::find_again(bool forward)
{
    if (wanted_.empty()) {
        say("Nothing was looked for yet.");
        return;
    }
    const size_t found = forward ? document_.find(wanted_, cursor_ + 1) : document_.find_back(wanted_, cursor_);
    if (found == posix::kNowhere) {
        say("It is not found.");
        return;
    }
    if (forward ? found <= cursor_ : found >= cursor_) {
        say(forward ? "The search went on from the beginning." : "The search went on from the end.");
    }
    go_to(found);
}

/// Each place from the cursor to the end is asked for; all that is replaced is undone at once.
void Session::replace()
{
    if (!may_edit()) {
        return;
    }
    String wanted;
    String with;
    if (ask("Replace: ", wanted, nullptr) == Answer::Cancelled || wanted.empty() ||
        ask("With: ", with, nullptr) == Answer::Cancelled) {
        return;
    }
    long long count = 0;
    bool all = false;
    size_t from = cursor_;
    for (;;) {
        const size_t found = document_.find(wanted, from);
        if (found == posix::kNowhere || found < from) {
            break;
        }
        go_to(found);
        const char answer = all ? 'y' : ask_letter("Replace this? y: yes, n: no, a: all, Esc: stop", "yna");
        if (answer == '\0') {
            break;
        }
        all = all || answer == 'a';
        from = found + wanted.size();
        if (answer != 'n') {
            if (!document_.replace(found, wanted.size(), with, count == 0)) {
                say("There is no memory left for more.");
                return;
            }
            from = found + with.size();
            ++count;
        }
    }
    wanted_ = posix::move(wanted);
    // The numbers of lines may have changed behind the cursor alone.
    go_to(posix::smaller(cursor_, document_.size()));
    String message;
    say(message.append_number(count).append(count == 1 ? " place was replaced." : " places were replaced."));
}

void Session::go_to_line()
{
    String answer;
    if (ask("Line: ", answer, nullptr) == Answer::Cancelled) {
        return;
    }
    size_t number = 0;
    for (const char c : answer.view()) {
        if (!posix::is_digit(c) || number > document_.line_count()) {
            break;
        }
        number = number * 10 + static_cast<size_t>(c - '0');
    }
    if (number == 0) {
        say("This is no line.");
        return;
    }
    go_to(document_.line_position(number));
}

bool Session::save()
{
    if (file_.path().empty()) {
        return save_as();
    }
    if (read_only_) {
        say("This file is read-only: ^O saves it under another name.");
        return false;
    }
    if (file_.changed_by_others() &&
        ask_letter(file_.is_new() ? "There is such a file. Overwrite it? y: yes, n: no"
                                  : "Somebody else has changed the file. Overwrite it? y: yes, n: no",
                   "yn") != 'y') {
        say("It was not saved.");
        return false;
    }
    if (!file_.save(document_)) {
        String message{file_.error()};
        say(message.append(". The text is here still."));
        return false;
    }
    String message{"Saved: "};
    say(message.append_size(document_.size()).append(" bytes."));
    return true;
}

bool Session::save_as()
{
    String path{file_.path()};
    if (ask("Save as: ", path, nullptr) == Answer::Cancelled || path.empty()) {
        return false;
    }
    if (!(path == file_.path())) {
        // The file before comes back, with all that is known of it, when the text cannot be saved elsewhere.
        File before{posix::move(file_)};
        const bool was_read_only = read_only_;
        file_ = File{path};
        read_only_ = false;
        if (!save()) {
            file_ = posix::move(before);
            read_only_ = was_read_only;
            return false;
        }
        return true;
    }
    return save();
}

void Session::quit()
{
    if (!document_.is_modified()) {
        leaving_ = true;
        return;
    }
    switch (ask_letter("There are changes. Save them? y: yes, n: no, Esc: stay here", "yn")) {
    case 'y': leaving_ = save(); break;
    case 'n': leaving_ = true; break;
    default: break;
    }
}

} // namespace editor
