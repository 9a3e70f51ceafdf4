// SPDX-License-Identifier: MIT
// Makes processes that execute a program and end: `exec_cycles N` so many (500), each fourth by vfork.  The program is
// this one, `exec_cycles child STATUS FILLING`, whose arguments take more room from cycle to cycle.  Each tenth process
// executes what there is not, or what is no program, and goes on as what it was.
// Expected: status 0.
#include "lib/check.h"
#include "lib/number.h"

namespace {

using user::check;
using user::minus;

constexpr const char* kOwnName = "exec_cycles";
constexpr unsigned kLongest = 20'000; ///< of the filling

char filling[kLongest + 1];
char status_text[4];
volatile std::uint64_t witness = 0;

std::int64_t execute(const char* path, const char* const* words)
{
    return user::system_call(uapi::Syscall::Execve, reinterpret_cast<std::uint64_t>(path),
                             reinterpret_cast<std::uint64_t>(words), 0);
}

/// How many bytes of filling go with a status.
unsigned filling_for(std::uint64_t status)
{
    return static_cast<unsigned>(status * 73 % kLongest);
}

int be_the_program()
{
    const std::uint64_t status = user::number_argument(2, 256);
    unsigned length = 0;
    while (user::arguments[3][length] == 'f') {
        ++length;
    }
    check(user::arguments.count == 4 && length == filling_for(status) && user::arguments[3][length] == '\0',
          "the arguments are those of the call\n");
    check(witness == 0, "nothing of the old program's memory is left\n");
    return static_cast<int>(status);
}

/// Never comes back.
void execute_the_program(std::uint64_t status)
{
    for (unsigned i = 0; i < 3; ++i) {
        constexpr std::uint64_t kPlaces[] = {100, 10, 1};
        status_text[i] = static_cast<char>('0' + status / kPlaces[i] % 10);
    }
    filling[filling_for(status)] = '\0';
    const char* const words[] = {kOwnName, "child", status_text, filling, nullptr};
    execute(kOwnName, words);
    check(false, "a program that is there is executed\n");
}

void execute_no_program(std::uint64_t cycle)
{
    struct Failure {
        const char* path;
        uapi::Error error;
    };
    constexpr Failure kFailures[] = {{"nothing", uapi::Error::Enoent},
                                     {"L01_magic", uapi::Error::Enoexec},
                                     {"L04_data", uapi::Error::Enoexec},
                                     {"etc/loop", uapi::Error::Eloop}};
    const Failure& failure = kFailures[cycle / 10 % 4];
    const char* const words[] = {kOwnName, filling, nullptr};
    check(execute(failure.path, words) == minus(failure.error), "what is no program is refused\n");
    check(witness == cycle + 1 && words[1][0] == 'f', "who was refused is as before\n");
}

void make_process(std::uint64_t cycle)
{
    const std::uint64_t status = cycle & 0xff;
    witness = cycle + 1;
    const std::int64_t child = user::system_call(cycle % 4 == 3 ? uapi::Syscall::Vfork : uapi::Syscall::Fork);
    if (child == 0) {
        if (cycle % 10 == 9) {
            execute_no_program(cycle);
        } else {
            execute_the_program(status);
        }
        user::exit_group(static_cast<int>(status));
    }
    std::uint32_t ended = 0;
    check(child > 0, "a process can be made\n");
    check(user::wait4(child, &ended) == child && ended == status << 8, "it ends with the program's status\n");
}

} // namespace

int main()
{
    if (user::equal(user::arguments[1], "child")) {
        return be_the_program();
    }
    for (unsigned i = 0; i < kLongest; ++i) {
        filling[i] = 'f';
    }
    const std::uint64_t cycles = user::number_argument(1, 500);
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
        make_process(cycle);
        check(filling[filling_for(cycle & 0xff)] == 'f', "a child writes to its own memory only\n");
    }
    user::print_number(cycles);
    user::print(" processes executed a program, or what is none\n");
    return 0;
}
