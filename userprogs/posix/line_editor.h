// SPDX-License-Identifier: MIT
// A line typed at a terminal, with the keys of readline that fingers know: arrows, Home, End, ^A ^E ^B ^F ^U ^K ^W ^Y,
// ^L, ^P ^N and ^R for the history, Tab for completion, Alt-B and Alt-F for words.  A line that is longer than the
// window scrolls sideways.  Where the terminal cannot be raw, lines are taken as they come.
#pragma once

#include "posix/history.h"
#include "posix/keys.h"
#include "posix/string.h"
#include "posix/terminal.h"

namespace posix {

/// What could stand at the cursor: each candidate replaces the bytes from `begin` to the cursor.
struct Completion {
    size_t begin = 0;
    Vector<String> candidates;
};

/// Asks for completions; an object of somebody else, without the machinery of virtual functions.
struct Completer {
    void* context = nullptr;
    void (*complete)(void* context, View line, size_t cursor, Completion& completion) = nullptr;
};

class LineEditor {
public:
    enum class Result { Line, Interrupted, End };

    static constexpr size_t kLineLimit = 65536;

    LineEditor(int input, int output) : input_{input}, output_{output}, keys_{input, 1}, terminal_{input} {}
    void use(Completer completer) { completer_ = completer; }

    /// Shows `prompt`, of which the last line stands before what is typed, and reads a line without its newline.
    /// Interrupted: ^C.  End: ^D on an empty line, end of input, or the terminal is gone.
    Result read(View prompt, String& line, const History& history);

private:
    enum class Step { Going, Done, Interrupted, End };

    Result read_plain(View prompt, String& line);
    Step handle(const Key& key);
    Step control(char letter);
    void alt(char letter);
    void insert(View text);
    void erase(size_t begin, size_t end, bool keep);
    void move_in_history(bool older);
    void show_history_line(size_t index);
    void search();
    bool find_older(View wanted, size_t& index) const;
    void complete();
    void list(const Completion& completion);
    size_t word_begin() const;
    size_t word_end() const;
    void draw();
    void put(View text) const;

    int input_, output_;
    KeyReader keys_;
    RawTerminal terminal_;
    Completer completer_;

    // The line that is being typed.
    String line_;
    size_t cursor_ = 0; ///< in bytes
    size_t scroll_ = 0; ///< the first byte that is shown
    String prompt_;
    const History* history_ = nullptr;
    size_t history_index_ = 0; ///< history_->size(): the new line
    String new_line_;          ///< while an old one is shown
    String killed_;
    bool tab_again_ = false; ///< the key before was a tab that changed nothing
};

} // namespace posix
