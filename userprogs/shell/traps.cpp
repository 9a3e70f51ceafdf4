// SPDX-License-Identifier: MIT
#include "shell/traps.h"

namespace shell {
namespace {

using posix::View;

// A handler has nowhere else to put what it knows.
volatile sig_atomic_t came[Traps::kSignals];
volatile sig_atomic_t interrupted;

void note(int signal)
{
    came[signal] = 1;
    if (signal == SIGINT) {
        interrupted = 1;
    }
}

/// What a terminal or its end sends, and what ends processes.
constexpr int kTerminalSignals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
/// What keys send.
constexpr int kKeySignals[] = {SIGINT, SIGQUIT};

struct Named {
    int number;
    const char* name;
};
constexpr Named kNames[] = {
    {SIGHUP, "HUP"},   {SIGINT, "INT"},   {SIGQUIT, "QUIT"},     {SIGILL, "ILL"},   {SIGTRAP, "TRAP"},
    {SIGABRT, "ABRT"}, {SIGBUS, "BUS"},   {SIGFPE, "FPE"},       {SIGKILL, "KILL"}, {SIGUSR1, "USR1"},
    {SIGSEGV, "SEGV"}, {SIGUSR2, "USR2"}, {SIGPIPE, "PIPE"},     {SIGALRM, "ALRM"}, {SIGTERM, "TERM"},
    {SIGCHLD, "CHLD"}, {SIGCONT, "CONT"}, {SIGSTOP, "STOP"},     {SIGTSTP, "TSTP"}, {SIGTTIN, "TTIN"},
    {SIGTTOU, "TTOU"}, {SIGURG, "URG"},   {SIGXCPU, "XCPU"},     {SIGXFSZ, "XFSZ"}, {SIGWINCH, "WINCH"},
    {SIGIO, "IO"},     {SIGPROF, "PROF"}, {SIGVTALRM, "VTALRM"}, {SIGSYS, "SYS"},   {SIGPWR, "PWR"},
};

} // namespace

const char* signal_name(int signal)
{
    for (const Named& named : kNames) {
        if (named.number == signal) {
            return named.name;
        }
    }
    return signal == 0 ? "EXIT" : nullptr;
}

int signal_number(View name)
{
    if (!name.empty() && posix::is_digit(name[0])) {
        int number = 0;
        for (const char c : name) {
            if (!posix::is_digit(c) || number >= Traps::kSignals) {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return number < Traps::kSignals ? number : -1;
    }
    const View bare = name.starts_with("SIG") ? name.from(3) : name;
    for (const Named& named : kNames) {
        if (bare == named.name) {
            return named.number;
        }
    }
    return bare == "EXIT" ? 0 : -1;
}

void Traps::begin(bool interactive)
{
    interactive_ = interactive;
    if (interactive) {
        for (const int signal : kTerminalSignals) {
            install(signal);
        }
    }
}

/// Asks once what the signal was when the shell began.
void Traps::learn(int signal)
{
    Entry& entry = entries_[signal];
    struct sigaction now{};
    if (!entry.known && signal != 0 && !interactive_ && sigaction(signal, nullptr, &now) == 0) {
        entry.fixed = now.sa_handler == SIG_IGN;
    }
    entry.known = true;
}

void Traps::install(int signal) const
{
    struct sigaction wanted{};
    sigemptyset(&wanted.sa_mask);
    switch (entries_[signal].action) {
    case Action::Command: wanted.sa_handler = note; break;
    case Action::Ignore: wanted.sa_handler = SIG_IGN; break;
    case Action::Default: {
        const bool survived = interactive_ && (signal == SIGQUIT || signal == SIGTERM);
        const bool noted = interactive_ && (signal == SIGINT || signal == SIGHUP);
        wanted.sa_handler = noted ? note : survived ? SIG_IGN : SIG_DFL;
        break;
    }
    }
    sigaction(signal, &wanted, nullptr);
}

bool Traps::set(int signal, Action action, View command)
{
    learn(signal);
    Entry& entry = entries_[signal];
    if (entry.fixed) {
        return false;
    }
    entry.action = action;
    entry.command.assign(command);
    if (signal != 0) {
        install(signal);
    }
    return true;
}

int Traps::pending() const
{
    if (interactive_ && interrupted != 0) {
        return SIGINT;
    }
    for (int signal = 1; signal < kSignals; ++signal) {
        if (came[signal] != 0 && entries_[signal].action == Action::Command) {
            return signal;
        }
    }
    return 0;
}

int Traps::take_pending()
{
    for (int signal = 1; signal < kSignals; ++signal) {
        if (came[signal] != 0 && entries_[signal].action == Action::Command) {
            came[signal] = 0;
            return signal;
        }
    }
    return 0;
}

bool Traps::take_interrupt()
{
    const bool came_now = interrupted != 0;
    interrupted = 0;
    return came_now;
}

bool Traps::hung_up()
{
    return came[SIGHUP] != 0;
}

SignalBlock::SignalBlock()
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before_);
}

SignalBlock::~SignalBlock()
{
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

SignalSleep::SignalSleep()
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before_);
    sigaction(SIGCHLD, nullptr, &child_before_);
    if (child_before_.sa_handler != note) {
        struct sigaction noted{};
        sigemptyset(&noted.sa_mask);
        noted.sa_handler = note;
        sigaction(SIGCHLD, &noted, nullptr);
    }
}

SignalSleep::~SignalSleep()
{
    sigaction(SIGCHLD, &child_before_, nullptr);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void SignalSleep::wait() const
{
    sigsuspend(&before_);
}

void Traps::enter_child(bool background)
{
    const bool was_interactive = interactive_;
    interactive_ = false;
    for (int signal = 0; signal < kSignals; ++signal) {
        came[signal] = 0;
        if (entries_[signal].action == Action::Command) {
            entries_[signal].action = Action::Default;
            entries_[signal].command.clear();
            if (signal != 0) {
                install(signal);
            }
        }
    }
    interrupted = 0;
    if (was_interactive) {
        for (const int signal : kTerminalSignals) {
            install(signal);
        }
    }
    if (background) {
        for (const int signal : kKeySignals) {
            entries_[signal].action = Action::Ignore;
            install(signal);
        }
    }
}

} // namespace shell
