// SPDX-License-Identifier: MIT
// One person editing one file: keys to commands.
#pragma once

#include "editor/document.h"
#include "editor/file.h"
#include "editor/screen.h"
#include "editor/signals.h"
#include "editor/window.h"
#include "posix/keys.h"

namespace editor {

class Session {
public:
    Session(File& file, Document& document, const Signals& signals, int input, int output)
        : file_{file}, document_{document}, signals_{signals}, screen_{output}, keys_{input, 4096, signals.fd()}
    {
    }

    enum class End {
        Left, ///< by the person's wish
        Gone, ///< the terminal has gone, or the process is to end: what is not saved is not saved
    };

    /// `read_only`: nothing may be changed.  `message` is shown first.
    End run(bool read_only, posix::View message);

private:
    enum class Answer { Done, Cancelled };

    // session.cpp
    void draw(posix::View bottom, size_t prompt_columns);
    void draw();
    posix::String status_line() const;
    posix::Key next_key();
    void handle(const posix::Key& key);
    void control(char letter);
    void say(posix::View message) { message_.assign(message); }
    void go_to(size_t position);
    void move_lines(long lines);
    void resize();

    // edit_commands.cpp
    bool may_edit();
    void type(posix::View text);
    void new_line();
    void erase(size_t begin, size_t end, bool join);
    void cut_line();
    void copy_line();
    void paste();
    void undo_or_redo(bool undo);

    // prompt_commands.cpp
    Answer ask(posix::View question, posix::String& answer, void (Session::*changed)(posix::View));
    char ask_letter(posix::View question, posix::View letters);
    void search_from_origin(posix::View wanted);
    void find();
    void find_again(bool forward);
    void replace();
    void go_to_line();
    bool save();
    bool save_as();
    void quit();

    File& file_;
    Document& document_;
    const Signals& signals_;
    Screen screen_;
    posix::KeyReader keys_;
    Window window_;

    size_t cursor_ = 0;
    size_t line_number_ = 1;   ///< of the cursor
    size_t wanted_column_ = 0; ///< where up and down go, whatever the lines between are
    posix::String message_;
    posix::String clipboard_;
    posix::String wanted_; ///< what was looked for last
    size_t origin_ = 0;    ///< where a search began
    bool read_only_ = false;
    bool cutting_ = false, was_cutting_ = false; ///< lines that are cut one after the other are kept together
    bool leaving_ = false, gone_ = false;
};

} // namespace editor
