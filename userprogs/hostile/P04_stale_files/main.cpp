// SPDX-License-Identifier: MIT
// Hostile (catalogue P04): descriptors and directories that are used after their end: closed, or made another one's,
// while another thread waits in a call about them; removed while somebody is in them; opened for nothing but their
// path, and then used.
// expect directories: exited with status 0
// expect paths: exited with status 0
// expect numbers: exited with status 0
// expect waits: exited with status 0
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/names.h"
#include "lib/pipe.h"
#include "lib/thread.h"

namespace {

using linux_abi::error;
using uapi::Error;
namespace flag = uapi::open_flag;

constexpr std::int64_t kBadDescriptor = error(Error::Ebadf), kGone = error(Error::Enoent);

char bytes[512];

std::int64_t list(std::int64_t directory)
{
    return user::system_call(uapi::Syscall::Getdents64, static_cast<std::uint64_t>(directory),
                             reinterpret_cast<std::uint64_t>(bytes), sizeof bytes);
}

std::int64_t enter(std::int64_t directory)
{
    return user::system_call(uapi::Syscall::Fchdir, static_cast<std::uint64_t>(directory));
}

int directories()
{
    bool all = user::make_directory("p04") == 0 && user::make_directory("p04/in") == 0;
    const std::int64_t in = user::open("p04/in", flag::kDirectory);
    all = all && in >= 0 && user::change_directory("p04/in") == 0 && user::remove_directory("/p04/in") == 0;
    // Nothing can be made in it, found in it but itself, or told of it.
    all = all && user::create("file") == kGone && user::openat(in, "file", flag::kWriteOnly | flag::kCreate) == kGone &&
          user::make_directory("x") == kGone && user::symlink("x", "y") == kGone && list(in) == kGone &&
          user::named_call(uapi::Syscall::Getcwd, bytes, sizeof bytes) == kGone &&
          user::rename("/etc/motd", "motd") == kGone && user::open(".") >= 0 && user::open("..") >= 0 &&
          user::remove_directory(".") == error(Error::Einval);
    // Its name given to another one is not it.
    all = all && user::make_directory("/p04/in") == 0 && user::create("file") == kGone && list(in) == kGone &&
          enter(in) == 0 && user::remove_directory("/p04/in") == 0;
    // From there upwards while that goes, too.
    all = all && user::remove_directory("/p04") == 0 && user::change_directory("..") == 0 &&
          user::create("file") == kGone && user::change_directory("../..") == 0 && user::close(in) == 0;
    // A process that lives in one, and has a child and a program there.
    all = all && user::make_directory("p04") == 0 && user::change_directory("p04") == 0 &&
          user::remove_directory("../p04") == 0;
    const std::int64_t child = user::fork();
    if (child == 0) {
        const char* const words[] = {"/hello", nullptr};
        user::system_call(uapi::Syscall::Execve, reinterpret_cast<std::uint64_t>(words[0]),
                          reinterpret_cast<std::uint64_t>(words), 0);
        user::exit(1);
    }
    std::uint32_t status = 1;
    all = all && user::wait4(child, &status) == child && status == 0;
    return all ? user::kSurvived : user::broke("a directory that is gone was used\n");
}

/// O_PATH: a name for other calls, and nothing else.
int paths()
{
    const std::int64_t file = user::open("/etc/motd", flag::kPath), directory = user::open("/etc", flag::kPath);
    const auto number = static_cast<std::uint64_t>(file);
    const auto address = reinterpret_cast<std::uint64_t>(bytes);
    uapi::Stat stat{};
    bool all = file >= 0 && directory >= 0 && user::fstat(file, stat) == 0;
    all = all && user::read(file, bytes, 1) == kBadDescriptor && user::write(number, bytes, 1) == kBadDescriptor &&
          user::pread(file, bytes, 1, 0) == kBadDescriptor && user::seek(file, 0, uapi::Seek::Set) == kBadDescriptor &&
          list(directory) == kBadDescriptor && user::map_file(file, 4096, uapi::kProtRead) == kBadDescriptor &&
          user::system_call(uapi::Syscall::Ftruncate, number, 0) == kBadDescriptor &&
          user::system_call(uapi::Syscall::Fallocate, number, 0, 0, 1) == kBadDescriptor &&
          user::system_call(uapi::Syscall::Fchmod, number, 0777) == kBadDescriptor &&
          user::system_call(uapi::Syscall::Fchown, number, 0, 0) == kBadDescriptor &&
          user::system_call(uapi::Syscall::Ioctl, number, 0x5401, address) == kBadDescriptor &&
          user::system_call(uapi::Syscall::Fsync, number) == kBadDescriptor;
    uapi::FileLockRequest lock{uapi::lock_type::kRead, 0, 0, 0, 1, 0, 0};
    all =
        all && user::fcntl(file, uapi::FileControl::SetLock, reinterpret_cast<std::uint64_t>(&lock)) == kBadDescriptor;
    uapi::PollFile polled[] = {{static_cast<std::int32_t>(file), uapi::poll_event::kIn, 0}};
    all = all && user::poll(polled, 0) == 1 && polled[0].returned == uapi::poll_event::kInvalid;
    // What it is for.
    all = all && user::openat(directory, "motd") >= 0 && enter(directory) == 0 && user::change_directory("/") == 0 &&
          enter(file) == error(Error::Enotdir) && user::openat(file, "x") == error(Error::Enotdir) &&
          user::dup(file) >= 0 && user::close(file) == 0;
    return all ? user::kSurvived : user::broke("a descriptor for a path was used as one for a file\n");
}

int numbers()
{
    const std::int64_t first = user::open("/etc/motd"), second = user::open("/etc");
    bool all = first >= 0 && second >= 0 && user::close(first) == 0 && user::close(first) == kBadDescriptor &&
               user::read(first, bytes, 1) == kBadDescriptor && user::dup(first) == kBadDescriptor &&
               user::dup2(first, second) == kBadDescriptor && user::dup2(first, first) == kBadDescriptor &&
               user::dup3(second, second, 0) == error(Error::Einval) && user::dup2(second, second) == second;
    // The number of who has gone is another one's, who is not him.
    const std::int64_t third = user::open("/etc/primes");
    all = all && third == first && user::dup2(second, third) == third &&
          user::read(third, bytes, 1) == error(Error::Eisdir) && list(third) > 0 && list(second) == 0;
    // A child's table is its own.
    const std::int64_t child = user::fork();
    if (child == 0) {
        for (std::int64_t fd = 0; fd < 300; ++fd) {
            user::close(fd);
        }
        user::exit(user::read(second, bytes, 1) == kBadDescriptor && user::open("/etc/motd") == 0 ? 0 : 1);
    }
    std::uint32_t status = 1;
    all = all && user::wait4(child, &status) == child && status == 0 && user::seek(second, 0, uapi::Seek::Set) == 0;
    return all ? user::kSurvived : user::broke("a number stood for what it no longer is\n");
}

// ---- Other threads.

user::Thread thread;
user::Ends ends;
volatile std::int64_t result = 0;

void read_one(void*)
{
    char byte = 0;
    result = user::read(ends.read, &byte, 1);
    user::exit(0);
}

void poll_one(void*)
{
    uapi::PollFile files[] = {{ends.read, uapi::poll_event::kIn, 0}};
    result = user::poll(files, 20);
    user::exit(0);
}

/// The description lives as long as the call that waits: its descriptor is made another one's, or closed, meanwhile.
bool wait_and(void (*wait)(void*), bool replace)
{
    result = 99;
    if (user::pipe2(ends) != 0 || thread.start(wait, nullptr) < 0) {
        return false;
    }
    user::sleep_milliseconds(4);
    const bool gone = replace ? user::dup2(0, ends.read) == ends.read : user::close(ends.read) == 0;
    const std::int64_t written = user::write(static_cast<std::uint64_t>(ends.write), "x", 1);
    thread.join();
    return gone && written == 1 && result == 1 && user::close(ends.write) == 0 &&
           (!replace || user::close(ends.read) == 0);
}

int waits()
{
    const bool all =
        wait_and(read_one, false) && wait_and(read_one, true) && wait_and(poll_one, false) && wait_and(poll_one, true);
    return all ? user::kSurvived : user::broke("who waited lost what he waited for\n");
}

volatile bool over = false;

void open_and_close(void*)
{
    while (!over) {
        const std::int64_t file = user::open("/etc/motd");
        user::dup2(file, 9);
        user::close(file);
        user::close(9);
    }
    user::exit(0);
}

int timer()
{
    thread.start(open_and_close, nullptr);
    bool all = true;
    for (unsigned i = 0; i < 300; ++i) {
        uapi::Stat stat{};
        const std::int64_t told = user::fstat(9, stat), read = user::pread(9, bytes, 4, 0);
        all = all && (told == 0 || told == kBadDescriptor) && (read == 4 || read == kBadDescriptor);
        if (i % 50 == 0) {
            user::sleep_milliseconds(1);
        }
    }
    over = true;
    thread.join();
    return all ? user::kSurvived : user::broke("a descriptor was neither open nor closed\n");
}

constexpr user::Case kCases[] = {
    {"directories", directories}, {"paths", paths}, {"numbers", numbers}, {"waits", waits}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
