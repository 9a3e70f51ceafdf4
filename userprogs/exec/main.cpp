// SPDX-License-Identifier: MIT
// execve: what the new program finds, what of the old one stays, and that a call which fails changes nothing.
// `exec child ...` is the new program, which checks what it was started with; its status says how.
#include "lib/arguments.h"
#include "lib/check.h"
#include "lib/files.h"
#include "lib/thread.h"

namespace {

using user::check;
using user::equal;
using user::minus;
using Words = const char* const*;

constexpr std::int64_t kMarked = 3, kKept = 4; // descriptors
constexpr int kChildStatus = 7, kScriptStatus = 8, kNestedStatus = 9, kNamelessStatus = 10, kThreadStatus = 11;

std::int64_t execve(const char* path, Words arguments, Words environment)
{
    return user::system_call(uapi::Syscall::Execve, reinterpret_cast<std::uint64_t>(path),
                             reinterpret_cast<std::uint64_t>(arguments), reinterpret_cast<std::uint64_t>(environment));
}

constexpr const char* kNoWords[] = {nullptr};
constexpr const char* kChildWords[] = {"exec", "child", "", "with blanks in it", nullptr};
constexpr const char* kScriptWords[] = {"a name that is dropped", "given", nullptr};
constexpr const char* kThreadWords[] = {"exec", "thread", nullptr};
constexpr const char* kEnvironment[] = {"A=1", "EMPTY=", nullptr};

/// How the child has ended.
std::uint32_t status_of(std::int64_t child)
{
    std::uint32_t status = 0;
    check(user::wait4(child, &status) == child, "the child is collected\n");
    return status;
}

// ---- The new program.

void check_descriptors()
{
    uapi::Stat stat{};
    check(user::fstat(kMarked, stat) == minus(uapi::Error::Ebadf), "what was marked is closed\n");
    check(user::fstat(kKept, stat) == 0, "what was not is open\n");
}

/// The interpreter, the rest of the script's line in one word, the script's name, then the arguments but the first.
int be_the_interpreter()
{
    const user::Arguments& words = user::arguments;
    check_descriptors();
    if (words.count == 4) {
        check(equal(words[0], "/exec") && equal(words[2], "etc/script") && equal(words[3], "given"),
              "a script's arguments are in their order\n");
        return kScriptStatus;
    }
    check(words.count == 5 && equal(words[0], "/exec") && equal(words[2], "/etc/script") &&
              equal(words[3], "etc/nested") && equal(words[4], "given"),
          "those of two scripts are in their order\n");
    return kNestedStatus;
}

int be_the_child()
{
    check(user::arguments.count == 4 && equal(user::arguments[0], "exec") && equal(user::arguments[2], "") &&
              equal(user::arguments[3], "with blanks in it"),
          "the arguments are those of the call\n");
    const char* const* const environment = user::arguments.words + 5;
    check(equal(environment[0], "A=1") && equal(environment[1], "EMPTY=") && environment[2] == nullptr,
          "the environment is that of the call\n");
    check_descriptors();
    std::uint64_t base = 1;
    user::system_call(uapi::Syscall::ArchPrctl, 0x1003, reinterpret_cast<std::uint64_t>(&base));
    check(base == 0, "the thread pointer is not the old program's\n");
    return kChildStatus;
}

int be_the_process_of_a_thread()
{
    check(user::system_call(uapi::Syscall::Gettid) == user::system_call(uapi::Syscall::Getpid),
          "the only thread is the first one\n");
    return kThreadStatus;
}

// ---- The old one.

volatile unsigned untouched = 0x600d;

void fails(const char* path, Words arguments, Words environment, uapi::Error error)
{
    check(execve(path, arguments, environment) == minus(error), "execve fails as it should\n");
    check(untouched == 0x600d, "and the program goes on\n");
}

void failures_change_nothing()
{
    const auto* const kernel = reinterpret_cast<Words>(0xffff'ffff'8010'0000);
    const auto* const nowhere = reinterpret_cast<const char*>(0x1000);
    fails("nothing", kNoWords, kNoWords, uapi::Error::Enoent);
    fails("", kNoWords, kNoWords, uapi::Error::Enoent);
    fails("exec/nothing", kNoWords, kNoWords, uapi::Error::Enotdir);
    fails("etc", kNoWords, kNoWords, uapi::Error::Eacces);
    fails("etc/motd", kNoWords, kNoWords, uapi::Error::Eacces);
    fails("L01_magic", kNoWords, kNoWords, uapi::Error::Enoexec);
    fails("etc/nameless", kNoWords, kNoWords, uapi::Error::Enoexec);
    fails("etc/loop", kNoWords, kNoWords, uapi::Error::Eloop);
    fails(nowhere, kNoWords, kNoWords, uapi::Error::Efault);
    fails("exec", kernel, kNoWords, uapi::Error::Efault);
    fails("exec", kNoWords, kernel, uapi::Error::Efault);
    const char* const bad_words[] = {"exec", nowhere, nullptr};
    fails("exec", bad_words, kNoWords, uapi::Error::Efault);
    user::print("failed as it should\n");
}

void run_child(const char* path, Words arguments, int status)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        execve(path, arguments, kEnvironment);
        user::exit(1);
    }
    check(status_of(child) == static_cast<std::uint32_t>(status) << 8, "the new program is content\n");
}

void a_vfork_parent_goes_on()
{
    const std::int64_t child = user::system_call(uapi::Syscall::Vfork);
    if (child == 0) {
        execve("exec", kChildWords, kEnvironment);
        user::exit(1);
    }
    check(status_of(child) == kChildStatus << 8, "the child has had its program\n");
    user::print("vfork\n");
}

void execute_in_a_thread(void*)
{
    execve("exec", kThreadWords, kEnvironment);
    user::exit_group(1);
}

user::Thread sleeper, caller;

void a_thread_takes_its_process_along()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        sleeper.start([](void*) { user::sleep_milliseconds(60'000); }, nullptr);
        caller.start(execute_in_a_thread, nullptr);
        user::sleep_milliseconds(60'000);
        user::exit_group(1);
    }
    check(status_of(child) == kThreadStatus << 8, "the process has the thread's program\n");
    user::print("thread\n");
}

} // namespace

int main()
{
    if (user::arguments[0][0] == '\0') {
        return user::arguments.count == 1 ? kNamelessStatus : 1;
    }
    if (equal(user::arguments[1], "thread")) {
        return be_the_process_of_a_thread();
    }
    if (equal(user::arguments[1], "child")) {
        return be_the_child();
    }
    if (equal(user::arguments[1], "child two words")) {
        return be_the_interpreter();
    }
    failures_change_nothing();
    check(user::open("etc/motd", uapi::open_flag::kCloseOnExec) == kMarked, "a file opens\n");
    check(user::open("etc/motd") == kKept, "and another one\n");
    run_child("exec", kChildWords, kChildStatus);
    run_child("etc/script", kScriptWords, kScriptStatus);
    run_child("etc/nested", kScriptWords, kNestedStatus);
    run_child("exec", kNoWords, kNamelessStatus);
    user::print("executed\n");
    a_vfork_parent_goes_on();
    a_thread_takes_its_process_along();
    return 0;
}
