// SPDX-License-Identifier: MIT
#include "programs/terminal.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr auto kPatience = std::chrono::seconds{20};

} // namespace

ScreenModel::ScreenModel(unsigned rows, unsigned columns)
    : rows_{rows}, columns_{columns}, cells_(rows, std::vector<std::string>(columns, " ")), inverse_(rows, false)
{
}

void ScreenModel::write(const std::string& bytes)
{
    pending_ += bytes;
    std::size_t at = 0;
    while (at < pending_.size()) {
        const auto first = static_cast<unsigned char>(pending_[at]);
        if (first == 0x1b) {
            // ESC [ parameters letter
            std::size_t end = at + 2;
            while (end < pending_.size() && (pending_[end] < 0x40 || pending_[end] > 0x7e)) {
                ++end;
            }
            if (end >= pending_.size()) {
                break;
            }
            sequence(pending_[end], pending_.substr(at + 2, end - at - 2));
            at = end + 1;
            continue;
        }
        const std::size_t size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (at + size > pending_.size()) {
            break;
        }
        const std::string character = pending_.substr(at, size);
        at += size;
        if (character == "\r") {
            column_ = 0;
        } else if (character == "\n") {
            new_line();
        } else if (character == "\b") {
            column_ -= column_ > 0 ? 1 : 0;
        } else if (character != "\a") {
            put(character);
        }
    }
    pending_.erase(0, at);
}

void ScreenModel::new_line()
{
    if (row_ + 1 < rows_) {
        ++row_;
        return;
    }
    cells_.erase(cells_.begin());
    cells_.emplace_back(columns_, " ");
}

void ScreenModel::put(const std::string& character)
{
    if (column_ == columns_) {
        if (wraps_) {
            column_ = 0;
            new_line();
        } else {
            column_ = columns_ - 1;
        }
    }
    inverse_[row_] = inverse_now_;
    cells_[row_][column_++] = character;
}

void ScreenModel::sequence(char last, const std::string& parameters)
{
    const auto number = [&](std::size_t index, unsigned otherwise) {
        std::size_t begin = 0;
        for (; index > 0 && begin != std::string::npos; --index) {
            begin = parameters.find(';', begin);
            begin = begin == std::string::npos ? begin : begin + 1;
        }
        const bool there = begin != std::string::npos && begin < parameters.size();
        return there ? static_cast<unsigned>(std::strtoul(parameters.c_str() + begin, nullptr, 10)) : otherwise;
    };
    switch (last) {
    case 'H':
        row_ = std::min(number(0, 1), rows_) - 1;
        column_ = std::min(number(1, 1), columns_) - 1;
        break;
    case 'C': column_ = std::min(column_ + number(0, 1), columns_ - 1); break;
    case 'J': cells_.assign(rows_, std::vector<std::string>(columns_, " ")); break;
    case 'K':
        for (unsigned i = column_; i < columns_; ++i) {
            cells_[row_][i] = " ";
        }
        break;
    case 'm': inverse_now_ = parameters == "7"; break;
    case 'l':
    case 'h':
        if (parameters == "?7") {
            wraps_ = last == 'h';
            break;
        }
        [[fallthrough]];
    default: unknown_ += "ESC[" + parameters + last + " "; break;
    }
}

std::string ScreenModel::row(unsigned index) const
{
    std::string text;
    for (const std::string& cell : cells_[index]) {
        text += cell;
    }
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string ScreenModel::text() const
{
    std::string all;
    for (unsigned i = 0; i < rows_; ++i) {
        all += row(i).empty() ? "" : row(i) + "\n";
    }
    return all;
}

TerminalProgram::TerminalProgram(const std::vector<std::string>& arguments, const std::string& folder, unsigned rows,
                                 unsigned columns, const std::vector<std::string>& environment)
    : screen_{rows, columns}
{
    winsize size{};
    size.ws_row = static_cast<unsigned short>(rows);
    size.ws_col = static_cast<unsigned short>(columns);
    pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (pid_ == 0) {
        std::vector<char*> argument_pointers;
        std::vector<char*> environment_pointers;
        for (const std::string& argument : arguments) {
            argument_pointers.push_back(const_cast<char*>(argument.c_str()));
        }
        for (const std::string& variable : environment) {
            environment_pointers.push_back(const_cast<char*>(variable.c_str()));
        }
        argument_pointers.push_back(nullptr);
        environment_pointers.push_back(nullptr);
        if (chdir(folder.c_str()) == 0) {
            execve(argument_pointers[0], argument_pointers.data(), environment_pointers.data());
        }
        _exit(99);
    }
}

TerminalProgram::~TerminalProgram()
{
    hang_up();
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

void TerminalProgram::type(const std::string& keys) const
{
    std::size_t at = 0;
    while (at < keys.size()) {
        // A line discipline holds some 4096 bytes.
        const ssize_t count = ::write(terminal_, keys.data() + at, std::min<std::size_t>(keys.size() - at, 512));
        if (count <= 0) {
            return;
        }
        at += static_cast<std::size_t>(count);
    }
}

bool TerminalProgram::read_some(int milliseconds)
{
    pollfd waited{.fd = terminal_, .events = POLLIN, .revents = 0};
    if (terminal_ < 0 || poll(&waited, 1, milliseconds) <= 0) {
        return false;
    }
    char bytes[65536];
    const ssize_t count = read(terminal_, bytes, sizeof bytes);
    if (count <= 0) {
        return false;
    }
    received_ += static_cast<std::size_t>(count);
    screen_.write({bytes, static_cast<std::size_t>(count)});
    return true;
}

bool TerminalProgram::shows(const std::string& text)
{
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (screen_.text().find(text) == std::string::npos) {
        if (!read_some(100) && std::chrono::steady_clock::now() > end) {
            return false;
        }
    }
    return true;
}

bool TerminalProgram::shows_at_cursor(const std::string& text)
{
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!screen_.row(screen_.cursor_row()).ends_with(text)) {
        if (!read_some(100) && std::chrono::steady_clock::now() > end) {
            return false;
        }
    }
    return true;
}

bool TerminalProgram::shows_row(unsigned row, const std::string& text)
{
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (screen_.row(row) != text) {
        if (!read_some(100) && std::chrono::steady_clock::now() > end) {
            return false;
        }
    }
    return true;
}

void TerminalProgram::settle()
{
    while (read_some(300)) {
    }
}

int TerminalProgram::wait()
{
    const auto end = std::chrono::steady_clock::now() + kPatience;
    int status = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0) {
        // A terminal that nobody reads stops its programs.
        if (!read_some(20)) {
            usleep(5000);
        }
        if (std::chrono::steady_clock::now() > end) {
            return -1;
        }
    }
    while (read_some(0)) {
    }
    pid_ = -1;
    return status;
}

void TerminalProgram::signal(int number) const
{
    kill(pid_, number);
}

void TerminalProgram::resize(unsigned rows, unsigned columns)
{
    settle();
    screen_ = ScreenModel{rows, columns};
    winsize size{};
    size.ws_row = static_cast<unsigned short>(rows);
    size.ws_col = static_cast<unsigned short>(columns);
    ioctl(terminal_, TIOCSWINSZ, &size);
}

void TerminalProgram::hang_up()
{
    if (terminal_ >= 0) {
        close(terminal_);
        terminal_ = -1;
    }
}
