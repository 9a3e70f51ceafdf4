// SPDX-License-Identifier: MIT
// Hostile (catalogue P01): takes all there is of files, pages of files, locks, pipes, descriptors, queued signals,
// until there is no more.  Each has its limit, whose error is the right one; others find what they need, and all of it
// comes back.
// expect many_descriptors: exited with status 0
// expect many_names: exited with status 0
// expect many_pages: exited with status 0
// expect many_sparse_pages: exited with status 0
// expect many_locks: exited with status 0
// expect many_pipes: exited with status 0
// expect many_signals: exited with status 0
// expect many_views: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/names.h"
#include "lib/pipe.h"
#include "lib/signals.h"

namespace {

using linux_abi::error;
using uapi::Error;

constexpr std::int64_t kPage = 4096;
/// More than there may be of anything.
constexpr unsigned kTooMany = 200'000;

char name[] = "p01_00000000";

const char* name_of(unsigned number)
{
    for (unsigned i = sizeof name - 2; i > 3; --i, number /= 10) {
        name[i] = static_cast<char>('0' + number % 10);
    }
    return name;
}

std::uint8_t some_pages[8][kPage];

/// Somebody else still gets what he needs: a process, and in it memory.
bool others_live()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        for (auto& page : some_pages) {
            *const_cast<volatile std::uint8_t*>(page) = 1;
        }
        user::exit(0);
    }
    std::uint32_t status = 1;
    return child > 0 && user::wait4(child, &status) == child && status == 0;
}

bool is_full(std::int64_t result)
{
    return result == error(Error::Enospc) || result == error(Error::Enomem);
}

std::int64_t file_without_name()
{
    const std::int64_t file = user::create("p01_file");
    return file >= 0 && user::unlink("p01_file") == 0 ? file : -1;
}

int many_names()
{
    unsigned count = 0;
    std::int64_t last = 0;
    while (count < kTooMany && (last = user::make_directory(name_of(count))) == 0) {
        ++count;
    }
    bool all = is_full(last) && count > 1000 && others_live();
    // A rename has both names for a moment, if it is not refused; what is full can be emptied.
    const std::int64_t renamed = user::rename(name_of(0), "p01_other");
    all = all && (renamed == last || (renamed == 0 && user::rename("p01_other", name_of(0)) == 0)) &&
          user::symlink("x", "p01_link") == last;
    for (unsigned i = 0; i < count; ++i) {
        all = all && user::remove_directory(name_of(i)) == 0;
    }
    return all ? user::kSurvived : user::broke("names have no limit\n");
}

int fill_with(std::int64_t step)
{
    const std::int64_t file = file_without_name();
    const char byte = 'x';
    std::int64_t last = 0;
    unsigned count = 0;
    while (count < kTooMany && (last = user::system_call(uapi::Syscall::Pwrite64, static_cast<std::uint64_t>(file),
                                                         reinterpret_cast<std::uint64_t>(&byte), 1,
                                                         count * static_cast<std::uint64_t>(step))) == 1) {
        ++count;
    }
    bool all = is_full(last) && count > 500 && others_live();
    // What is there already can still be changed, and what is given up can be had again.
    all =
        all && user::seek(file, 0, uapi::Seek::Set) == 0 && user::write(static_cast<std::uint64_t>(file), "y", 1) == 1;
    all = all && user::system_call(uapi::Syscall::Ftruncate, static_cast<std::uint64_t>(file), 0) == 0 &&
          user::write(static_cast<std::uint64_t>(file), "y", 1) == 1;
    return all ? user::kSurvived : user::broke("pages of files have no limit\n");
}

int many_pages()
{
    return fill_with(kPage);
}

/// Each page needs tables of its own.
int many_sparse_pages()
{
    return fill_with(std::int64_t{1} << 31);
}

/// On many files, because all locks of one are looked at for each that comes.
int many_locks()
{
    constexpr unsigned kFiles = 32;
    std::int64_t files[kFiles];
    for (std::int64_t& file : files) {
        file = file_without_name();
    }
    uapi::FileLockRequest lock{uapi::lock_type::kWrite, 0, 0, 0, 1, 0, 0};
    const auto set = [&lock](std::int64_t file) {
        return user::fcntl(file, uapi::FileControl::SetLock, reinterpret_cast<std::uint64_t>(&lock));
    };
    std::int64_t last = 0;
    unsigned count = 0;
    while (count < kTooMany && (last = set(files[count % kFiles])) == 0) {
        lock.start += 2;
        ++count;
    }
    bool all = last == error(Error::Enolck) && count > 1000 && others_live();
    // One can be given back and had again.
    lock = {uapi::lock_type::kNone, 0, 0, 0, 1, 0, 0};
    all = all && set(files[0]) == 0;
    lock = {uapi::lock_type::kWrite, 0, 0, 0, 1, 0, 0};
    all = all && set(files[0]) == 0 && set(files[1]) == last;
    // All of a file go with any descriptor of it.
    const std::int64_t other = user::dup(files[0]);
    all = all && user::close(other) == 0 && set(files[1]) == 0;
    return all ? user::kSurvived : user::broke("locks have no limit\n");
}

int many_pipes()
{
    bool all = true;
    for (unsigned round = 0; all && round < 2000; ++round) {
        user::Ends ends{};
        all = user::pipe2(ends, uapi::open_flag::kNonblock) == 0;
        static const std::uint8_t page[kPage] = {};
        while (round % 8 == 0 && user::write(static_cast<std::uint64_t>(ends.write), page, kPage) == kPage) {
        }
        all = all && user::close(round % 2 == 0 ? ends.write : ends.read) == 0 &&
              user::close(round % 2 == 0 ? ends.read : ends.write) == 0;
    }
    // All at once, each full to the brim and as large as it may be.
    unsigned count = 0;
    user::Ends ends{};
    std::int64_t last = 0;
    for (; all && count < kTooMany && (last = user::pipe2(ends, uapi::open_flag::kNonblock)) == 0; ++count) {
        user::fcntl(ends.write, uapi::FileControl::SetPipeSize, 1 << 20);
        static const std::uint8_t page[kPage] = {};
        while (user::write(static_cast<std::uint64_t>(ends.write), page, kPage) == kPage) {
        }
    }
    all = all && count > 50 && (last == error(Error::Emfile) || last == error(Error::Enfile) || is_full(last));
    return all ? user::kSurvived : user::broke("pipes have no limit\n");
}

int many_descriptors()
{
    std::int64_t last = 0;
    unsigned count = 0;
    while (count < kTooMany && (last = user::open("/etc/motd")) >= 0) {
        ++count;
    }
    bool all = last == error(Error::Emfile) && count > 100 && user::dup(0) == last &&
               user::fcntl(0, uapi::FileControl::Duplicate) == last;
    for (const std::int64_t bad : {std::int64_t{-1}, std::int64_t{0x7fff'ffff}, -0x8000'0000l, std::int64_t{1} << 20}) {
        all = all && user::dup2(0, bad) == error(Error::Ebadf) && user::dup2(bad, 0) == error(Error::Ebadf) &&
              user::dup3(0, bad, 0) == error(Error::Ebadf) && user::close(bad) == error(Error::Ebadf);
        all = all && user::fcntl(0, uapi::FileControl::Duplicate, static_cast<std::uint64_t>(bad)) < 0;
    }
    // Processes with as many each: the machine has a limit, too.
    std::int64_t child = 0;
    while ((child = user::fork()) == 0 && count-- > 0) {
    }
    if (child == 0) {
        user::exit(0);
    }
    std::uint32_t status = 1;
    all = all && (child < 0 || (user::wait4(child, &status) == child && status == 0));
    return all ? user::kSurvived : user::broke("descriptors have no limit\n");
}

volatile unsigned handled = 0;

void count_one(int, uapi::SigInfo*, uapi::UserContext*)
{
    handled = handled + 1;
}

/// Blocked, so that each of them has to be kept; standard ones are kept once.
int many_signals()
{
    const uapi::Signal real_time{35};
    user::handle(real_time, count_one);
    user::handle(uapi::Signal::Sigusr1, count_one);
    user::change_mask(uapi::MaskChange::Block, user::bit_of(real_time) | user::bit_of(uapi::Signal::Sigusr1));
    uapi::SigInfo info{};
    info.code = uapi::signal_code::kQueue;
    const auto queue = [&info](uapi::Signal signal) {
        return user::system_call(uapi::Syscall::RtSigqueueinfo, static_cast<std::uint64_t>(user::own_id()),
                                 static_cast<std::uint64_t>(signal), reinterpret_cast<std::uint64_t>(&info));
    };
    unsigned count = 0;
    std::int64_t last = 0;
    while (count < kTooMany && (last = queue(real_time)) == 0) {
        ++count;
    }
    bool all = last == error(Error::Eagain) && count > 10 && others_live();
    for (unsigned i = 0; i < 100; ++i) {
        all = all && queue(uapi::Signal::Sigusr1) == 0; // a standard one finds no room, and comes all the same
    }
    user::change_mask(uapi::MaskChange::Set, 0);
    all = all && handled == count + 1 && queue(real_time) == 0 && handled == count + 2;
    // Children take their own with them, however they end.
    for (unsigned i = 0; all && i < 40; ++i) {
        const std::int64_t child = user::fork();
        if (child == 0) {
            user::change_mask(uapi::MaskChange::Block, ~std::uint64_t{0});
            while (queue(real_time) == 0) {
            }
            user::exit(0);
        }
        std::uint32_t status = 1;
        all = child > 0 && user::wait4(child, &status) == child && status == 0;
    }
    return all ? user::kSurvived : user::broke("queued signals have no limit, or got lost\n");
}

/// Views of a file, each page of which is read by way of each.
int many_views()
{
    const std::int64_t file = file_without_name();
    std::int64_t last = 0;
    unsigned count = 0;
    bool all = user::system_call(uapi::Syscall::Ftruncate, static_cast<std::uint64_t>(file), 64 * kPage) == 0;
    while (
        all && count < kTooMany &&
        (last = user::map_file(file, 64 * kPage, count % 2 == 0 ? uapi::kProtRead : uapi::kProtRead | uapi::kProtWrite,
                               count % 3 * kPage)) > 0) {
        *reinterpret_cast<const volatile std::uint8_t*>(last);
        ++count;
    }
    all = all && last == error(Error::Enomem) && count > 100 && others_live();
    return all ? user::kSurvived : user::broke("views have no limit\n");
}

constexpr user::Case kCases[] = {
    {"many_descriptors", many_descriptors},   {"many_names", many_names}, {"many_pages", many_pages},
    {"many_sparse_pages", many_sparse_pages}, {"many_locks", many_locks}, {"many_pipes", many_pipes},
    {"many_signals", many_signals},           {"many_views", many_views}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
