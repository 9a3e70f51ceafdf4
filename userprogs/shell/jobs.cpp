// SPDX-License-Identifier: MIT
#include "shell/jobs.h"

#include "posix/output.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shell {

using posix::View;

namespace {

/// What stops a process at a terminal, and must not stop the shell.
constexpr int kStops[] = {SIGTSTP, SIGTTIN, SIGTTOU};

} // namespace

Process::State Job::state() const
{
    bool stopped = false;
    for (const Process& process : processes) {
        if (process.state == Process::State::Running) {
            return Process::State::Running;
        }
        stopped = stopped || process.state == Process::State::Stopped;
    }
    return stopped ? Process::State::Stopped : Process::State::Ended;
}

int Job::status() const
{
    return processes.empty() ? 0 : exit_status(processes.back().wait_status);
}

int exit_status(int wait_status)
{
    if (WIFEXITED(wait_status)) {
        return WEXITSTATUS(wait_status);
    }
    return 128 + (WIFSTOPPED(wait_status) ? WSTOPSIG(wait_status) : WTERMSIG(wait_status));
}

posix::String describe(const Job& job)
{
    posix::String text;
    switch (job.state()) {
    case Process::State::Running: text.append("Running"); return text;
    case Process::State::Stopped: text.append("Stopped"); return text;
    case Process::State::Ended: break;
    }
    const int wait_status = job.processes.empty() ? 0 : job.processes.back().wait_status;
    if (WIFSIGNALED(wait_status)) {
        text.append(strsignal(WTERMSIG(wait_status)));
        return text;
    }
    text.append("Done");
    if (WEXITSTATUS(wait_status) != 0) {
        text.append('(').append_number(WEXITSTATUS(wait_status)).append(')');
    }
    return text;
}

bool Jobs::take_terminal(int fd)
{
    pid_t foreground = tcgetpgrp(fd);
    while (foreground >= 0 && foreground != getpgrp()) {
        kill(0, SIGTTIN); // somebody else has it: wait until the shell is brought to the foreground
        foreground = tcgetpgrp(fd);
    }
    if (foreground < 0) {
        return false;
    }
    for (const int stop : kStops) {
        signal(stop, SIG_IGN);
    }
    group_before_ = getpgrp();
    // A session's leader is its group's leader already.
    if (group_before_ != getpid() && setpgid(0, 0) != 0) {
        return false;
    }
    group_ = getpid();
    if (tcsetpgrp(fd, group_) != 0 || tcgetattr(fd, &modes_) != 0) {
        return false;
    }
    terminal_ = fd;
    return true;
}

void Jobs::release_terminal()
{
    if (terminal_ >= 0 && group_before_ != group_) {
        tcsetpgrp(terminal_, group_before_);
    }
}

void Jobs::enter_child(bool own_group)
{
    if (terminal_ >= 0 && own_group) {
        for (const int stop : kStops) {
            signal(stop, SIG_DFL);
        }
    }
    terminal_ = -1;
    jobs_.clear();
}

void Jobs::give_terminal(pid_t group) const
{
    if (terminal_ >= 0 && group > 0) {
        // EPERM: the group has ended already.
        static_cast<void>(tcsetpgrp(terminal_, group));
    }
}

void Jobs::join(Job& job, pid_t pid, bool foreground) const
{
    if (pid != 0) {
        job.processes.append({pid});
    }
    if (terminal_ < 0) {
        return;
    }
    const pid_t member = pid != 0 ? pid : getpid();
    const bool first = job.group == 0;
    job.group = first ? member : job.group;
    // Both do it, as nobody knows who comes first.  EACCES: the child has done it, and is another program already.
    static_cast<void>(setpgid(member, job.group));
    if (first && foreground) {
        give_terminal(job.group);
    }
}

Job& Jobs::add(Job job)
{
    unsigned number = 1;
    for (const Job& other : jobs_) {
        number = posix::larger(number, other.number + 1);
    }
    job.number = number;
    jobs_.append(posix::move(job));
    return jobs_.back();
}

bool Jobs::note(Job& job, pid_t pid, int wait_status)
{
    for (Process& process : job.processes) {
        if (process.pid == pid && process.state != Process::State::Ended) {
            const Process::State before = job.state();
            if (WIFCONTINUED(wait_status)) {
                process.state = Process::State::Running;
            } else {
                process.wait_status = wait_status;
                process.state = WIFSTOPPED(wait_status) ? Process::State::Stopped : Process::State::Ended;
            }
            job.changed = job.changed || job.state() != before;
            return true;
        }
    }
    return false;
}

/// Learns of one process.  Interrupted: a signal came first.
Jobs::Waited Jobs::wait_any(bool block, Job* foreground)
{
    int wait_status = 0;
    const int flags = (block ? 0 : WNOHANG) | (terminal_ >= 0 ? WUNTRACED | WCONTINUED : 0);
    const pid_t pid = waitpid(-1, &wait_status, flags);
    if (pid < 0) {
        return errno == EINTR ? Waited::Interrupted : Waited::NoProcess;
    }
    if (pid == 0) {
        return Waited::Nothing;
    }
    if (foreground != nullptr && note(*foreground, pid, wait_status)) {
        return Waited::Changed;
    }
    for (Job& job : jobs_) {
        if (note(job, pid, wait_status)) {
            break;
        }
    }
    return Waited::Changed;
}

int Jobs::wait_foreground(Job job, bool& interrupted)
{
    while (job.state() == Process::State::Running) {
        if (wait_any(true, &job) == Waited::NoProcess) {
            // Somebody else has waited for it: its end will never be known.
            for (Process& process : job.processes) {
                process.state = Process::State::Ended;
            }
        }
    }
    return finish_foreground(posix::move(job), interrupted);
}

int Jobs::finish_foreground(Job job, bool& interrupted)
{
    give_terminal(group_);
    const int wait_status = job.processes.back().wait_status;
    was_killed_ = job.state() == Process::State::Ended && WIFSIGNALED(wait_status);
    interrupted = was_killed_ && WTERMSIG(wait_status) == SIGINT;
    if (terminal_ >= 0 && job.state() == Process::State::Ended) {
        if (WIFSIGNALED(wait_status)) {
            // What has been killed has not put the terminal in order.
            tcsetattr(terminal_, TCSADRAIN, &modes_);
        } else {
            tcgetattr(terminal_, &modes_);
        }
    }
    if (terminal_ >= 0 && (interrupted || job.state() == Process::State::Stopped)) {
        posix::write_all(terminal_, "\n"); // behind the ^C or ^Z that the terminal has shown
    }
    if (job.state() == Process::State::Stopped) {
        tcsetattr(terminal_, TCSADRAIN, &modes_);
        job.background = true;
        job.changed = true;
        int status = 0;
        for (const Process& process : job.processes) {
            status = process.state == Process::State::Stopped ? exit_status(process.wait_status) : status;
        }
        if (job.number == 0) {
            add(posix::move(job));
        } else {
            jobs_.append(posix::move(job));
        }
        return status;
    }
    return exit_status(wait_status);
}

int Jobs::resume_foreground(size_t index, bool& interrupted)
{
    Job job{posix::move(jobs_[index])};
    jobs_.remove(index);
    job.background = false;
    job.changed = false;
    give_terminal(job.group);
    for (Process& process : job.processes) {
        process.state = process.state == Process::State::Stopped ? Process::State::Running : process.state;
    }
    static_cast<void>(kill(-job.group, SIGCONT));
    return wait_foreground(posix::move(job), interrupted);
}

bool Jobs::resume_background(size_t index)
{
    Job& job = jobs_[index];
    for (Process& process : job.processes) {
        process.state = process.state == Process::State::Stopped ? Process::State::Running : process.state;
    }
    job.changed = false;
    return kill(-job.group, SIGCONT) == 0;
}

bool Jobs::poll()
{
    for (;;) {
        switch (wait_any(false, nullptr)) {
        case Waited::NoProcess: return false;
        case Waited::Nothing: return true;
        default: break;
        }
    }
}

void Jobs::hang_up() const
{
    for (const Job& job : jobs_) {
        if (job.group > 0 && job.state() != Process::State::Ended) {
            static_cast<void>(kill(-job.group, SIGHUP));
            static_cast<void>(kill(-job.group, SIGCONT));
        }
    }
}

/// The job that stopped or started last, `skip` of them left out; stopped ones come first.
size_t Jobs::current(size_t skip) const
{
    for (bool stopped = true;; stopped = false) {
        for (size_t i = jobs_.size(); i-- > 0;) {
            if ((jobs_[i].state() == Process::State::Stopped) == stopped && skip-- == 0) {
                return i;
            }
        }
        if (!stopped) {
            return posix::kNowhere;
        }
    }
}

char Jobs::mark(size_t index) const
{
    return index == current(0) ? '+' : index == current(1) ? '-' : ' ';
}

size_t Jobs::find(View name) const
{
    if (name.empty() || name == "%" || name == "%%" || name == "%+") {
        return current(0);
    }
    if (name == "%-") {
        return current(1);
    }
    const bool by_number = name[0] == '%' && posix::is_digit(name[1]);
    const long number = strtol(posix::String{name[0] == '%' ? name.from(1) : name}.c_str(), nullptr, 10);
    for (size_t i = jobs_.size(); i-- > 0;) {
        const Job& job = jobs_[i];
        if (by_number ? job.number == static_cast<unsigned>(number)
                      : name[0] == '%' && job.text.view().starts_with(name.from(1))) {
            return i;
        }
        for (const Process& process : job.processes) {
            if (name[0] != '%' && process.pid == number) {
                return i;
            }
        }
    }
    return posix::kNowhere;
}

} // namespace shell
