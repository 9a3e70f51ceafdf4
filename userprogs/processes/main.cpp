// SPDX-License-Identifier: MIT
// Parents and children: fork, exit, wait, kill, in each order that matters.  Everything is checked; what is written
// is the same every time.
#include "lib/check.h"
#include "uapi/system.h"

namespace {

using user::check;
using user::minus;

volatile unsigned shared_by_mistake = 1; // a child's copy is its own

[[noreturn]] void compute_for_ever()
{
    for (;;) {
        asm volatile("");
    }
}

void a_child_exits()
{
    const std::int64_t parent = user::system_call(uapi::Syscall::Getpid);
    const std::int64_t child = user::fork();
    if (child == 0) {
        shared_by_mistake = 2;
        user::check(user::system_call(uapi::Syscall::Getppid) == parent, "the child's parent is the caller\n");
        user::print("child\n");
        user::exit(7);
    }
    check(child > parent, "fork returns the child's number\n");
    std::uint32_t status = 0;
    check(user::wait4(child, &status) == child, "wait4 returns the child's number\n");
    check(status == 7 << 8, "the status is the child's\n");
    check(shared_by_mistake == 1, "the parent's memory is its own\n");
    user::print("parent\n");
}

void nobody_is_left()
{
    std::uint32_t status = 0;
    check(user::wait4(-1, &status) == minus(uapi::Error::Echild), "there is no child left\n");
    check(user::kill(0x3fff'ffff, uapi::Signal{0}) == minus(uapi::Error::Esrch), "there is no such process\n");
    check(user::kill(1, uapi::Signal{99}) == minus(uapi::Error::Einval), "there is no such signal\n");
}

void a_child_that_computes_is_killed()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        compute_for_ever();
    }
    std::uint32_t status = 0;
    check(user::wait4(child, &status, uapi::wait_option::kNoHang) == 0, "the child goes on\n");
    user::sleep_milliseconds(3);
    check(user::kill(child, uapi::Signal::Sigchld) == 0, "a signal that is ignored can be sent\n");
    check(user::kill(child, uapi::Signal::Sigterm) == 0, "a signal can be sent\n");
    check(user::wait4(-1, &status) == child, "wait4 finds the child by itself\n");
    check(status == static_cast<std::uint32_t>(uapi::Signal::Sigterm), "the status names the signal\n");
    check(user::kill(child, uapi::Signal{0}) == minus(uapi::Error::Esrch), "a collected child is gone\n");
    user::print("killed while it computed\n");
}

void a_child_that_waits_is_killed()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        const std::int64_t grandchild = user::fork();
        if (grandchild == 0) {
            user::sleep_milliseconds(60'000);
            user::exit(1);
        }
        std::uint32_t status = 0;
        user::wait4(grandchild, &status);
        user::exit(1);
    }
    user::sleep_milliseconds(3);
    std::uint32_t status = 0;
    check(user::kill(child, uapi::Signal::Sigkill) == 0, "the child can be killed\n");
    check(user::wait4(child, &status) == child && status == static_cast<std::uint32_t>(uapi::Signal::Sigkill),
          "it dies of that\n");
    // The grandchild is the shell's now, and in the caller's group still.
    check(user::kill(child + 1, uapi::Signal::Sigterm) == 0, "the grandchild can be killed\n");
    user::print("killed while it waited\n");
}

void children_end_in_their_own_order()
{
    std::int64_t children[3];
    for (unsigned i = 0; i < 3; ++i) {
        children[i] = user::fork();
        if (children[i] == 0) {
            user::sleep_milliseconds(12 - 4 * i);
            user::exit(static_cast<int>(i));
        }
    }
    for (unsigned i = 3; i-- > 0;) {
        std::uint32_t status = 0;
        check(user::wait4(-1, &status) == children[i] && status == i << 8, "the first to end comes first\n");
    }
    user::print("collected in the order of their ends\n");
}

void a_vfork_parent_waits()
{
    std::uint32_t status = 0;
    const std::int64_t child = user::system_call(uapi::Syscall::Vfork);
    if (child == 0) {
        user::print("child first\n");
        user::exit(3);
    }
    user::print("then its parent\n");
    check(user::wait4(child, &status) == child && status == 3 << 8, "the child has ended\n");
}

std::int64_t set_nice(std::int64_t target, std::int64_t nice)
{
    return user::system_call(uapi::Syscall::Setpriority, uapi::kPriorityProcess, static_cast<std::uint64_t>(target),
                             static_cast<std::uint64_t>(nice));
}

void a_priority_only_falls()
{
    check(user::system_call(uapi::Syscall::Getpriority, uapi::kPriorityProcess, 0) == 20, "nice is 0 at first\n");
    const std::int64_t child = user::fork();
    if (child == 0) {
        check(set_nice(0, 7) == 0, "a process may be nicer\n");
        check(user::system_call(uapi::Syscall::Getpriority, uapi::kPriorityProcess, 0) == 13, "and is\n");
        check(set_nice(0, 6) == minus(uapi::Error::Eacces), "it may not go back\n");
        check(set_nice(1, 19) == minus(uapi::Error::Eperm), "the shell's is not a program's to set\n");
        const std::uint32_t first = 1;
        check(user::system_call(uapi::Syscall::SchedSetscheduler, 0, uapi::policy::kFifo,
                                reinterpret_cast<std::uint64_t>(&first)) == minus(uapi::Error::Eperm),
              "no program is more important than all others\n");
        user::exit(0);
    }
    std::uint32_t status = 1;
    check(user::wait4(child, &status) == child && status == 0, "the child was content\n");
    user::print("nicer\n");
}

std::int64_t set_adopts(std::uint64_t wanted)
{
    constexpr auto kOperation = static_cast<std::uint64_t>(uapi::ProcessControl::SetChildSubreaper);
    return user::system_call(uapi::Syscall::Prctl, kOperation, wanted);
}

/// A child whose own child ends before it, or after it, as the milliseconds say.
std::int64_t make_grandchild(std::int64_t before_child_ends, std::int64_t before_grandchild_ends)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        if (user::fork() == 0) {
            user::sleep_milliseconds(before_grandchild_ends);
            user::exit(9);
        }
        user::sleep_milliseconds(before_child_ends);
        user::exit(0);
    }
    return child;
}

void orphans_are_adopted()
{
    std::uint32_t status = 0;
    check(user::wait4(make_grandchild(1, 20), &status) > 0, "a child ends before its own\n");
    nobody_is_left();
    check(set_adopts(1) == 0, "a process can adopt orphans\n");
    check(user::wait4(make_grandchild(1, 20), &status) > 0 && status == 0, "a child ends again\n");
    check(user::wait4(-1, &status) > 0 && status == 9 << 8, "and leaves a child\n");
    check(user::wait4(make_grandchild(20, 1), &status) > 0 && status == 0, "a child ends after its own\n");
    check(user::wait4(-1, &status) > 0 && status == 9 << 8, "which it leaves too\n");
    nobody_is_left();
    check(set_adopts(0) == 0, "and stop it\n");
    check(user::wait4(make_grandchild(20, 1), &status) > 0, "a child ends once more\n");
    user::print("adopted\n");
}

/// A child that ends when its own child has stopped, which has a group of its own.
std::int64_t make_stopped_grandchild()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        const std::int64_t grandchild = user::fork();
        if (grandchild == 0) {
            user::system_call(uapi::Syscall::Setpgid, 0, 0);
            user::kill(user::system_call(uapi::Syscall::Getpid), uapi::Signal::Sigstop);
            user::exit(9);
        }
        constexpr std::uint32_t kUntraced = 2;
        std::uint32_t status = 0;
        check(user::wait4(grandchild, &status, kUntraced) == grandchild, "the grandchild has stopped\n");
        user::exit(0);
    }
    return child;
}

/// Who adopts somebody that is stopped can let it go on, and so it is not told to: a hang-up would end it.
void what_is_stopped_is_adopted()
{
    constexpr std::uint32_t kNoHang = 1;
    std::uint32_t status = 0;
    check(set_adopts(1) == 0, "a process can adopt orphans again\n");
    check(user::wait4(make_stopped_grandchild(), &status) > 0 && status == 0, "a child leaves one that is stopped\n");
    user::sleep_milliseconds(20);
    check(user::wait4(-1, &status, kNoHang) == 0, "which stays so\n");
    user::kill(-1, uapi::Signal::Sigcont);
    check(user::wait4(-1, &status) > 0 && status == 9 << 8, "until it goes on\n");
    check(set_adopts(0) == 0, "and stop it\n");
    nobody_is_left();
    user::print("held together\n");
}

std::int64_t sleeps_of_children()
{
    constexpr auto kChildren = ~std::uint64_t{0};
    uapi::ResourceUsage usage{};
    user::system_call(uapi::Syscall::Getrusage, kChildren, reinterpret_cast<std::uint64_t>(&usage));
    return usage.voluntary_switches;
}

void set_child_signal(std::uint64_t handler)
{
    const std::uint64_t action[4] = {handler, 0, 0, 0};
    check(user::system_call(uapi::Syscall::RtSigaction, static_cast<std::uint64_t>(uapi::Signal::Sigchld),
                            reinterpret_cast<std::uint64_t>(action), 0, sizeof action[3]) == 0,
          "a signal can be ignored\n");
}

/// Only of a child that has been waited for is it counted what it has used.  [getrusage(2) "NOTES"]
void children_that_nobody_asks_for_do_not_count()
{
    const std::int64_t before = sleeps_of_children();
    set_child_signal(1);
    std::int64_t child = user::fork();
    if (child == 0) {
        user::sleep_milliseconds(1);
        user::exit(3);
    }
    std::uint32_t status = 0;
    check(user::wait4(child, &status) == minus(uapi::Error::Echild), "nothing is known of an ignored child\n");
    check(sleeps_of_children() == before, "nor what it has used\n");
    set_child_signal(0);
    child = user::fork();
    if (child == 0) {
        user::sleep_milliseconds(1);
        user::exit(3);
    }
    check(user::wait4(child, &status) == child && sleeps_of_children() > before, "of another it is\n");
    user::print("counted\n");
}

} // namespace

int main()
{
    a_child_exits();
    nobody_is_left();
    a_child_that_computes_is_killed();
    a_child_that_waits_is_killed();
    children_end_in_their_own_order();
    a_vfork_parent_waits();
    a_priority_only_falls();
    orphans_are_adopted();
    what_is_stopped_is_adopted();
    children_that_nobody_asks_for_do_not_count();
    nobody_is_left();
    return 0;
}
