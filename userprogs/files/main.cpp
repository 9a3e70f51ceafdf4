// SPDX-License-Identifier: MIT
// Opens, reads, maps and closes files of the initrd: two texts, a directory, the console, and what is not there.
// Expected: the last line says so, and status 0; otherwise the first promise that does not hold is named.
#include "lib/check.h"
#include "lib/files.h"
#include "lib/memory.h"
#include "lib/process.h"

namespace {

using uapi::Error;
using user::check;
using user::minus;
namespace flag = uapi::open_flag;

constexpr std::size_t kPage = 4096;
constexpr const char* kText = "etc/motd";    // less than a page
constexpr const char* kPages = "etc/primes"; // more than a page

bool equal(const char* a, const char* b, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

std::int64_t size_of(std::int64_t fd)
{
    uapi::Stat stat{};
    return user::fstat(fd, stat) == 0 ? stat.size : -1;
}

void paths_lead_where_they_should()
{
    struct Path {
        const char* path;
        std::int64_t result; ///< 0: it can be opened
    };
    constexpr Path kPaths[] = {{"/files", 0},
                               {"./files", 0},
                               {"//etc/../etc//motd", 0},
                               {"../../etc/motd", 0},
                               {"etc", 0},
                               {"/etc/", 0},
                               {"/", 0},
                               {".", 0},
                               {"", minus(Error::Enoent)},
                               {"nothing", minus(Error::Enoent)},
                               {"etc/nothing", minus(Error::Enoent)},
                               {"etc/motd/", minus(Error::Enotdir)},
                               {"files/motd", minus(Error::Enotdir)},
                               {"files/..", minus(Error::Enotdir)}};
    for (const Path& one : kPaths) {
        const std::int64_t fd = user::open(one.path);
        check(one.result == 0 ? fd == 3 : fd == one.result, "a path leads where it should\n");
        check(fd < 0 || user::close(fd) == 0, "what was opened can be closed\n");
    }
    static char path[4100];
    for (char& character : path) {
        character = 'a';
    }
    path[256] = '\0';
    check(user::open(path) == minus(Error::Enametoolong), "a name of 256 characters is too long\n");
    path[255] = '\0';
    check(user::open(path) == minus(Error::Enoent), "a name of 255 characters is not\n");
    for (char& character : path) {
        character = '/';
    }
    path[4096] = '\0';
    check(user::open(path) == minus(Error::Enametoolong), "a path of 4096 characters is too long\n");
    path[4095] = '\0';
    check(user::open(path) == 3 && user::close(3) == 0, "a path of 4095 characters is not\n");
    check(user::open(nullptr) == minus(Error::Efault), "a path is somewhere\n");
}

void files_are_made_and_written()
{
    char bytes[8] = {};
    const std::int64_t made = user::open("new", flag::kCreate | flag::kReadWrite);
    check(made == 3 && user::write(3, "written", 7) == 7 && user::pread(3, bytes, 8, 0) == 7, "a file can be made\n");
    check(equal(bytes, "written", 7) && user::close(3) == 0, "and has in it what was written\n");
    check(user::open("new", flag::kTruncate | flag::kReadWrite) == 3 && user::read(3, bytes, 1) == 0, "until then\n");
    check(user::close(3) == 0, "it can be emptied\n");
    check(user::open("no/new", flag::kCreate) == minus(Error::Enoent), "not in a directory that is not there\n");
    check(user::open(kText, flag::kCreate | flag::kExclusive) == minus(Error::Eexist), "nor one that is there\n");
    check(user::open("etc", flag::kReadWrite) == minus(Error::Eisdir), "a directory cannot be written\n");
    check(user::open(kText, flag::kDirectory) == minus(Error::Enotdir), "a file is no directory\n");
    check(user::open(kText, flag::kAccess) == minus(Error::Einval), "there are three ways to open\n");
    const std::int64_t fd = user::open(kText);
    check(user::write(static_cast<std::uint64_t>(fd), "x", 1) == minus(Error::Ebadf), "what is open for reading\n");
    user::close(fd);
}

void directories_are_where_paths_begin()
{
    char byte = 0;
    const std::int64_t etc = user::open("etc", flag::kDirectory), file = user::open(kText);
    check(etc >= 0 && file >= 0, "both can be opened\n");
    check(user::read(etc, &byte, 1) == minus(Error::Eisdir), "a directory is not read\n");
    const std::int64_t motd = user::openat(etc, "motd");
    check(motd >= 0 && size_of(motd) == size_of(file), "a path begins in a directory\n");
    check(user::openat(etc, "/etc/motd") >= 0, "or at the root\n");
    check(user::openat(file, "motd") == minus(Error::Enotdir), "but not in a file\n");
    check(user::openat(99, "motd") == minus(Error::Ebadf), "and not in nothing\n");
    check(user::openat(uapi::kAtCurrentDirectory, kText) >= 0, "AT_FDCWD is the root\n");
    for (std::int64_t fd = 3; user::close(fd) == 0; ++fd) {
    }
}

void kinds_are_told()
{
    constexpr std::uint32_t kConsole = uapi::file_mode::kCharacterDevice | 0620, kTypes = 0170000;
    uapi::Stat stat{};
    check(user::fstat(1, stat) == 0 && stat.mode == kConsole, "the console is a character device\n");
    const std::int64_t root = user::open("/"), file = user::open(kText);
    check(user::fstat(root, stat) == 0 && (stat.mode & kTypes) == uapi::file_mode::kDirectory, "the root\n");
    check(user::fstat(file, stat) == 0 && (stat.mode & kTypes) == uapi::file_mode::kRegular, "a file\n");
    check(stat.blocks == (stat.size + 511) / 512 && stat.links == 1 && stat.inode > 1, "and the rest of it\n");
    check(user::system_call(uapi::Syscall::Fstat, 1, 8) == minus(Error::Efault), "a stat needs a place\n");
    check(user::fstat(-1, stat) == minus(Error::Ebadf), "and a file\n");
    user::close(file);
    user::close(root);
}

void reading_goes_on_where_it_was()
{
    char first[100], again[100];
    const std::int64_t fd = user::open(kPages), size = size_of(fd);
    check(user::read(fd, first, 60) == 60 && user::read(fd, first + 60, 40) == 40, "60 bytes and 40 bytes\n");
    check(equal(first, "2 3 5 7 11", 10), "are the first primes\n");
    check(user::pread(fd, again, 100, 0) == 100 && equal(first, again, 100), "and the same as 100 bytes\n");
    check(user::seek(fd, 0, uapi::Seek::Current) == 100, "pread does not move\n");
    check(user::seek(fd, -5, uapi::Seek::End) == size - 5 && user::read(fd, again, 100) == 5, "the end is the end\n");
    check(user::read(fd, again, 100) == 0 && user::pread(fd, again, 1, size) == 0, "and nothing is behind it\n");
    check(user::seek(fd, 10, uapi::Seek::End) == size + 10 && user::read(fd, again, 1) == 0, "however far\n");
    check(user::seek(fd, -1, uapi::Seek::Set) == minus(Error::Einval), "nothing is before the begin\n");
    check(user::seek(fd, 1, static_cast<uapi::Seek>(7)) == minus(Error::Einval), "three origins\n");
    check(user::pread(fd, again, 1, -1) == minus(Error::Einval), "nor for pread\n");
    check(user::seek(1, 0, uapi::Seek::Set) == minus(Error::Espipe), "the console has no place\n");
    check(user::pread(0, again, 1, 0) == minus(Error::Espipe), "nor for pread\n");
    check(user::seek(fd, 0, uapi::Seek::Set) == 0, "back to the begin\n");
    check(user::read(fd, reinterpret_cast<void*>(16), 1) == minus(Error::Efault), "a buffer is somewhere\n");
    check(user::seek(fd, 0, uapi::Seek::Current) == 0, "what was not stored has not been read\n");
    user::close(fd);
}

void pieces_are_one_after_the_other()
{
    char a[10] = {}, b[10] = {}, whole[20] = {};
    const std::int64_t fd = user::open(kText);
    const uapi::IoVector into[] = {
        {reinterpret_cast<std::uint64_t>(a), 10}, {0, 0}, {reinterpret_cast<std::uint64_t>(b), 10}};
    check(user::readv(fd, into) == 20 && user::pread(fd, whole, 20, 0) == 20, "20 bytes in pieces\n");
    check(equal(a, whole, 10) && equal(b, whole + 10, 10), "are 20 bytes\n");
    const uapi::IoVector from[] = {{reinterpret_cast<std::uint64_t>("in "), 3},
                                   {reinterpret_cast<std::uint64_t>("pieces\n"), 7}};
    check(user::writev(uapi::kStandardOutput, from) == 10, "10 bytes in pieces\n");
    const uapi::IoVector half_bad[] = {{reinterpret_cast<std::uint64_t>("half\n"), 5}, {16, 5}};
    check(user::writev(uapi::kStandardOutput, half_bad) == 5, "up to the one that is nowhere\n");
    const uapi::IoVector endless[] = {{reinterpret_cast<std::uint64_t>(a), 1}, {0, ~std::uint64_t{0}}};
    check(user::readv(fd, endless) == minus(Error::Einval), "none is endless\n");
    check(user::system_call(uapi::Syscall::Readv, static_cast<std::uint64_t>(fd), 16, 1) == minus(Error::Efault),
          "their list is somewhere\n");
    check(user::system_call(uapi::Syscall::Readv, static_cast<std::uint64_t>(fd), reinterpret_cast<std::uint64_t>(into),
                            1025) == minus(Error::Einval),
          "and no longer than 1024\n");
    user::close(fd);
}

void descriptors_share_what_they_are_of()
{
    char byte = 0;
    const std::int64_t fd = user::open(kText), twin = user::dup(fd), other = user::open(kText);
    user::seek(fd, 7, uapi::Seek::Set);
    check(user::seek(twin, 0, uapi::Seek::Current) == 7, "a twin is at the same place\n");
    check(user::seek(other, 0, uapi::Seek::Current) == 0, "another one is not\n");
    check(user::close(fd) == 0 && user::read(fd, &byte, 1) == minus(Error::Ebadf), "what is closed is closed\n");
    check(user::read(twin, &byte, 1) == 1 && user::open(kText) == fd, "its twin is not, and its number is free\n");
    check(user::dup2(twin, 200) == 200 && user::dup2(200, 200) == 200, "a number of one's own choice\n");
    check(user::dup2(twin, 256) == minus(Error::Ebadf), "below 256\n");
    check(user::dup2(99, 99) == minus(Error::Ebadf) && user::dup(99) == minus(Error::Ebadf), "of what is open\n");
    check(user::dup3(twin, twin, 0) == minus(Error::Einval), "and for dup3 another one\n");
    check(user::dup3(twin, 201, 1) == minus(Error::Einval), "that knows one flag\n");
    check(user::dup3(twin, 201, flag::kCloseOnExec) == 201, "O_CLOEXEC\n");
    using Control = uapi::FileControl;
    check(user::fcntl(201, Control::GetDescriptorFlags) == 1 && user::fcntl(200, Control::GetDescriptorFlags) == 0,
          "which is the descriptor's own\n");
    check(user::fcntl(201, Control::SetDescriptorFlags, 0) == 0 && user::fcntl(201, Control::GetDescriptorFlags) == 0,
          "and can be taken back\n");
    check(user::fcntl(twin, Control::Duplicate, 240) == 240, "the lowest from 240 on\n");
    check(user::fcntl(twin, Control::Duplicate, 256) == minus(Error::Einval), "but not from 256 on\n");
    check(user::fcntl(twin, Control::GetStatusFlags) == flag::kLargeFile, "open for reading\n");
    check(user::fcntl(twin, Control::SetStatusFlags, flag::kAppend | flag::kReadWrite) == 0 &&
              user::fcntl(200, Control::GetStatusFlags) == (flag::kLargeFile | flag::kAppend),
          "and twins share what else they are\n");
    check(user::fcntl(twin, static_cast<Control>(77)) == minus(Error::Einval), "no such command\n");
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::seek(twin, 20, uapi::Seek::Set);
        user::close(other);
        user::exit(0);
    }
    std::uint32_t status = 1;
    check(user::wait4(child, &status) == child && status == 0, "a child ends\n");
    check(user::seek(twin, 0, uapi::Seek::Current) == 20, "a child shares the place too\n");
    check(user::read(other, &byte, 1) == 1, "but closes its own\n");
    for (std::int64_t open = 3; open < 256; ++open) {
        user::close(open);
    }
}

void there_are_so_many_descriptors()
{
    for (std::int64_t fd = 3; fd < 256; ++fd) {
        check(user::dup(uapi::kStandardOutput) == fd, "256 descriptors\n");
    }
    check(user::open(kText) == minus(Error::Emfile) && user::dup(0) == minus(Error::Emfile), "and no more\n");
    for (std::int64_t fd = 3; fd < 256; ++fd) {
        check(user::close(fd) == 0, "all can be closed\n");
    }
    check(user::close(3) == minus(Error::Ebadf), "once\n");
}

void a_view_is_the_file()
{
    const std::int64_t fd = user::open(kPages);
    const auto size = static_cast<std::size_t>(size_of(fd));
    const std::int64_t view = user::map_file(fd, size, uapi::kProtRead | uapi::kProtWrite);
    const std::int64_t second = user::map_file(fd, kPage, uapi::kProtRead, kPage);
    check(view > 0 && second > 0, "a file can be mapped\n");
    check(user::map_file(fd, kPage, uapi::kProtRead, 1) == minus(Error::Einval), "from a page border on\n");
    check(user::map_file(1, kPage, uapi::kProtRead) == minus(Error::Enodev), "but not the console\n");
    check(user::map_file(99, kPage, uapi::kProtRead) == minus(Error::Ebadf), "nor nothing\n");
    check(user::map_file(fd, 0, uapi::kProtRead) == minus(Error::Einval), "nor nothing of it\n");
    user::close(fd); // the view does not need it
    auto* const bytes = reinterpret_cast<char*>(view);
    const std::int64_t again = user::open(kPages);
    char chunk[1024];
    for (std::size_t at = 0; at < size; at += sizeof chunk) {
        const std::int64_t count = user::pread(again, chunk, sizeof chunk, static_cast<std::int64_t>(at));
        check(count > 0 && equal(chunk, bytes + at, static_cast<std::size_t>(count)), "it is what is read\n");
    }
    check(equal(reinterpret_cast<const char*>(second), bytes + kPage, kPage), "from an offset too\n");
    for (std::size_t at = size; at % kPage != 0; ++at) {
        check(bytes[at] == 0, "zeros fill its last page\n");
    }
    bytes[kPage] = static_cast<char>(bytes[kPage] + 1);
    user::pread(again, chunk, 1, kPage);
    check(chunk[0] != bytes[kPage] && chunk[0] == *reinterpret_cast<const char*>(second), "a write is one's own\n");
    user::madvise(static_cast<std::uint64_t>(view) + kPage, kPage, uapi::Advice::DontNeed);
    check(bytes[kPage] == chunk[0], "until it is taken back\n");
    user::close(again);
}

/// How a child ends that touches `address`.
std::uint32_t status_of_touch(const volatile char* address)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::exit(*address);
    }
    std::uint32_t status = 0;
    user::wait4(child, &status);
    return status;
}

void behind_the_file_is_nothing()
{
    const std::int64_t fd = user::open(kText);
    const std::int64_t view = user::map_file(fd, 2 * kPage, uapi::kProtRead);
    const auto* const bytes = reinterpret_cast<const volatile char*>(view);
    const char first = bytes[0];
    check(view > 0 && first != 0, "more than the file can be mapped\n");
    check(status_of_touch(bytes + kPage) == static_cast<std::uint32_t>(uapi::Signal::Sigbus), "a SIGBUS\n");
    check(user::write(uapi::kStandardOutput, const_cast<const char*>(bytes + kPage), 1) == minus(Error::Efault),
          "for the kernel too\n");
    const std::int64_t grown =
        user::mremap(static_cast<std::uint64_t>(view), kPage, 3 * kPage, uapi::kMremapMayMove, 0);
    check(grown > 0 && *reinterpret_cast<const volatile char*>(grown) == first &&
              status_of_touch(reinterpret_cast<const volatile char*>(grown) + 2 * kPage) ==
                  static_cast<std::uint32_t>(uapi::Signal::Sigbus),
          "and when the view grows\n");
    user::close(fd);
}

std::int64_t send(std::int64_t to, std::int64_t from, std::int64_t* offset, std::uint64_t count)
{
    return user::system_call(uapi::Syscall::Sendfile, static_cast<std::uint64_t>(to), static_cast<std::uint64_t>(from),
                             reinterpret_cast<std::uint64_t>(offset), count);
}

void a_program_that_runs_is_not_written_to()
{
    check(user::open("/files", uapi::open_flag::kReadWrite) == minus(Error::Etxtbsy),
          "this program cannot be written\n");
    check(user::open("/files", uapi::open_flag::kTruncate) == minus(Error::Etxtbsy), "nor cut off\n");
}

void one_file_is_sent_to_another()
{
    const std::int64_t from = user::open(kText);
    const std::int64_t to = user::open("/sent", uapi::open_flag::kReadWrite | uapi::open_flag::kCreate);
    std::int64_t offset = 6;
    char sent[4] = {}, original[4] = {};
    check(send(to, from, &offset, sizeof sent) == 4 && offset == 10, "part of a file can be sent\n");
    check(user::seek(from, 0, uapi::Seek::Current) == 0, "its place stays\n");
    check(user::pread(to, sent, sizeof sent, 0) == 4 && user::pread(from, original, sizeof original, 6) == 4 &&
              __builtin_memcmp(sent, original, sizeof sent) == 0,
          "what arrives is what was there\n");
    uapi::Stat stat{};
    user::fstat(from, stat);
    check(send(to, from, nullptr, 1 << 20) == stat.size && user::seek(from, 0, uapi::Seek::Current) == stat.size,
          "without an offset, the place moves\n");
    user::close(from);
    user::close(to);
}

} // namespace

int main()
{
    paths_lead_where_they_should();
    files_are_made_and_written();
    directories_are_where_paths_begin();
    kinds_are_told();
    reading_goes_on_where_it_was();
    pieces_are_one_after_the_other();
    descriptors_share_what_they_are_of();
    there_are_so_many_descriptors();
    a_view_is_the_file();
    behind_the_file_is_nothing();
    one_file_is_sent_to_another();
    a_program_that_runs_is_not_written_to();
    user::print("every file was as it should be\n");
    return 0;
}
