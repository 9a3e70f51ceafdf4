// SPDX-License-Identifier: MIT
// What the shell does when a signal comes.  A handler only notes the signal; the command of its trap is run between two
// commands.  [POSIX "trap"]
#pragma once

#include "posix/string.h"

#include <signal.h>

namespace shell {

/// A signal's name without SIG, or null.
const char* signal_name(int signal);
/// The number of a signal by name, with or without SIG, or by number; 0 is EXIT; -1: there is none.
int signal_number(posix::View name);

class Traps {
public:
    static constexpr int kSignals = 65; ///< 1 to 64; 0 stands for the shell's end

    enum class Action { Default, Ignore, Command };

    /// An interactive shell survives ^C, ^\ and SIGTERM.  In any other, signals that were ignored when it began stay
    /// so.
    void begin(bool interactive);
    /// False when the signal was ignored when the shell began, which cannot be changed.
    bool set(int signal, Action action, posix::View command);
    Action action(int signal) const { return entries_[signal].action; }
    posix::View command(int signal) const { return entries_[signal].command; }

    /// Takes a signal that came and has a command; 0: none.
    int take_pending();
    /// The signal that take_pending would give; ^C at a prompt counts.
    int pending() const;
    /// Whether ^C came to an interactive shell since the last time it was asked.
    static bool take_interrupt();
    /// Whether the terminal has gone.
    static bool hung_up();

    /// In a child: commands are forgotten, what is ignored stays.  `background`: without job control, ^C is not for it.
    void enter_child(bool background);

private:
    struct Entry {
        Action action = Action::Default;
        posix::String command;
        bool known = false; ///< it is known whether it was ignored from the beginning,
        bool fixed = false; ///< and then it stays so
    };

    void learn(int signal);
    void install(int signal) const;

    Entry entries_[kSignals];
    bool interactive_ = false;
};

/// While it lives, no signal comes: a child must have the actions of a child before it gets one.
class SignalBlock {
public:
    SignalBlock();
    ~SignalBlock();
    SignalBlock(const SignalBlock&) = delete;
    SignalBlock& operator=(const SignalBlock&) = delete;

private:
    sigset_t before_{};
};

/// While it lives, signals come in wait() alone, so that none is missed between a look and the waiting; the end of a
/// child ends a wait() too.
class SignalSleep {
public:
    SignalSleep();
    ~SignalSleep();
    SignalSleep(const SignalSleep&) = delete;
    SignalSleep& operator=(const SignalSleep&) = delete;

    /// Until a signal has come.
    void wait() const;

private:
    sigset_t before_{};
    struct sigaction child_before_{};
};

} // namespace shell
