// SPDX-License-Identifier: MIT
// The processes that the shell has started, and has not yet told the end of.  With job control each job is a process
// group of its own, and one of them has the terminal.  [POSIX "Job Control"; glibc manual "Implementing a Shell"]
#pragma once

#include "posix/string.h"
#include "posix/vector.h"

#include <sys/types.h>
#include <termios.h>

namespace shell {

struct Process {
    pid_t pid;
    int wait_status = 0; ///< as waitpid gives it, when it has ended or stopped
    enum class State { Running, Stopped, Ended } state = State::Running;
};

struct Job {
    unsigned number = 0; ///< as in %1; 0: it is waited for at once, and has no number unless it stops
    pid_t group = 0;     ///< 0: the shell's own
    posix::String text;
    posix::Vector<Process> processes;
    bool background = false;
    bool changed = false; ///< its state is to be told

    Process::State state() const;
    /// The exit status of its last process, as $? has it.
    int status() const;
};

/// What $? is after a process ended or stopped so.
int exit_status(int wait_status);
/// "Running", "Done", "Done(2)", "Terminated", ...
posix::String describe(const Job& job);

class Jobs {
public:
    /// Takes the terminal `fd` for job control: waits until the shell is in the foreground, makes it a group of its
    /// own. False when that is impossible.
    bool take_terminal(int fd);
    bool controls_terminal() const { return terminal_ >= 0; }
    /// In a child: the jobs are the parent's.  `own_group`: ^Z may stop it; what is in the shell's own group it must
    /// not stop, as the shell would wait for it for ever.
    void enter_child(bool own_group);

    /// After fork, in the child and in the parent alike: `pid` (0: the child itself) becomes a member of the job.
    void join(Job& job, pid_t pid, bool foreground) const;

    /// Adds a job that runs in the background, under a new number.
    Job& add(Job job);
    /// Waits until `job`, which is not in the list, has ended or stopped, with the terminal if there is job control;
    /// then it is added to the list if it has stopped.  Gives $?.  `interrupted`: ^C has ended it.
    int wait_foreground(Job job, bool& interrupted);
    /// Goes on with a job of the list in the foreground.
    int resume_foreground(size_t index, bool& interrupted);
    bool resume_background(size_t index);
    /// Learns what has happened meanwhile, without waiting.  False when there is no process left to learn of.
    bool poll();
    /// Gives back the terminal to the group that had it.
    void release_terminal();
    /// Whether a signal has ended the last job in the foreground.
    bool was_killed() const { return was_killed_; }
    /// SIGHUP and SIGCONT for each job, when the terminal has gone.
    void hang_up() const;

    posix::Vector<Job>& all() { return jobs_; }
    /// %n, %%, %+, %-, %text, or a process id; kNowhere when there is none.
    size_t find(posix::View name) const;
    /// + is the current job, - the one before, as a list marks them.
    char mark(size_t index) const;
    void remove(size_t index) { jobs_.remove(index); }

private:
    enum class Waited { Changed, Nothing, NoProcess, Interrupted };

    Waited wait_any(bool block, Job* foreground);
    static bool note(Job& job, pid_t pid, int wait_status);
    void give_terminal(pid_t group) const;
    int finish_foreground(Job job, bool& interrupted);
    size_t current(size_t skip) const;

    posix::Vector<Job> jobs_;
    bool was_killed_ = false;
    int terminal_ = -1;
    pid_t group_ = 0, group_before_ = 0;
    termios modes_{};
};

} // namespace shell
