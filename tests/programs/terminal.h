// SPDX-License-Identifier: MIT
// A program at a pseudo-terminal, and what its screen shows: the part of an ANSI terminal that the programs use.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

/// The cells of a screen; each holds one character, as UTF-8.
class ScreenModel {
public:
    ScreenModel(unsigned rows, unsigned columns);

    void write(const std::string& bytes);
    /// The row's text without the blanks at its end.
    std::string row(unsigned index) const;
    /// All rows, those that are not empty, one a line.
    std::string text() const;
    unsigned cursor_row() const { return row_; }
    unsigned cursor_column() const { return column_; }
    bool is_inverse(unsigned row) const { return inverse_[row]; }
    /// What it was sent and does not know.
    const std::string& unknown() const { return unknown_; }

private:
    void put(const std::string& character);
    void sequence(char last, const std::string& parameters);
    void new_line();

    unsigned rows_, columns_, row_ = 0, column_ = 0;
    bool wraps_ = true, inverse_now_ = false;
    std::vector<std::vector<std::string>> cells_;
    std::vector<bool> inverse_;
    std::string pending_, unknown_;
};

class TerminalProgram {
public:
    /// Starts arguments[0] in `folder` with a terminal of this size.
    TerminalProgram(const std::vector<std::string>& arguments, const std::string& folder, unsigned rows = 24,
                    unsigned columns = 80, const std::vector<std::string>& environment = {});
    ~TerminalProgram();
    TerminalProgram(const TerminalProgram&) = delete;
    TerminalProgram& operator=(const TerminalProgram&) = delete;

    void type(const std::string& keys) const;
    /// Waits until the screen holds `text`; false after ten seconds.
    bool shows(const std::string& text);
    /// Waits until the row of the cursor ends with `text`, blanks aside.
    bool shows_at_cursor(const std::string& text);
    /// Waits until `row` is `text`.
    bool shows_row(unsigned row, const std::string& text);
    /// Waits until nothing has come for a while.
    void settle();
    /// Waits until the program has ended: its wait status, or -1 after ten seconds.
    int wait();
    void signal(int number) const;
    void resize(unsigned rows, unsigned columns);
    /// Takes the terminal away.
    void hang_up();

    const ScreenModel& screen() const { return screen_; }
    /// How many bytes have come in all.
    std::size_t received() const { return received_; }
    pid_t pid() const { return pid_; }

private:
    /// Reads what comes within so many milliseconds; false when nothing came.
    bool read_some(int milliseconds);

    int terminal_ = -1;
    pid_t pid_ = -1;
    ScreenModel screen_;
    std::size_t received_ = 0;
};
