// SPDX-License-Identifier: MIT
// Hostile (catalogue U08): calls that fill a buffer, of no size, of a few bytes, at the end of memory, of more than
// there is; pieces that lie over each other; more descriptors asked about than there can be.
// expect entries: exited with status 0
// expect pieces: exited with status 0
// expect polls: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/names.h"
#include "lib/pipe.h"

namespace {

using linux_abi::error;
using uapi::Error;

constexpr std::uint64_t kPage = 4096;
constexpr std::int64_t kInvalid = error(Error::Einval), kBad = error(Error::Efault);

std::uint64_t page = 0; ///< behind it nothing is mapped

bool make_page()
{
    const std::int64_t place =
        user::mmap(0, 2 * kPage, uapi::kProtRead | uapi::kProtWrite, uapi::kMapPrivate | uapi::kMapAnonymous);
    page = static_cast<std::uint64_t>(place);
    return place > 0 && user::munmap(page + kPage, kPage) == 0;
}

// ---- Directories.

std::int64_t list(std::int64_t directory, std::uint64_t to, std::uint64_t size)
{
    return user::system_call(uapi::Syscall::Getdents64, static_cast<std::uint64_t>(directory), to, size);
}

int entries()
{
    constexpr std::uint64_t kDot = 24; // bytes that "." takes
    const std::int64_t directory = user::open("/etc", uapi::open_flag::kDirectory);
    if (directory < 0 || !make_page()) {
        return user::broke("there is nothing to list\n");
    }
    const auto rewind = [directory] { return user::seek(directory, 0, uapi::Seek::Set) == 0; };
    bool all = list(directory, page, 0) == kInvalid && list(directory, page, 1) == kInvalid &&
               list(directory, page, kDot - 1) == kInvalid && list(directory, page, kDot) == kDot && rewind();
    for (const std::uint64_t bad : hostile::kBad) {
        all = all && list(directory, bad, kPage) == kBad;
    }
    // The page ends in the middle of an entry: what fits is given, and the next call goes on there.
    const std::uint64_t near_end = page + kPage - kDot;
    all = all && list(directory, near_end, kPage) == kDot && list(directory, near_end, kPage) == kDot &&
          list(directory, near_end + kDot - 1, kPage) == kBad && rewind();
    const std::int64_t whole = list(directory, page, 0xffff'ffff'0000'0000 | kPage); // an unsigned int
    all = all && whole > 0 && list(directory, page, kPage) == 0;
    // In steps of the smallest size that takes the next one, nothing is told twice and nothing is left out.
    std::int64_t sum = 0;
    for (all = all && rewind(); all;) {
        std::int64_t given = kInvalid;
        for (std::uint64_t size = kDot; given == kInvalid && size < kPage; size += 8) {
            given = list(directory, page + kPage - size, size);
        }
        if (given <= 0) {
            all = given == 0;
            break;
        }
        sum += given;
    }
    all = all && sum == whole;
    // Places that no call has given.
    for (const std::int64_t place : {std::int64_t{3}, std::int64_t{12345}, static_cast<std::int64_t>(~0ull >> 1)}) {
        all = all && user::seek(directory, place, uapi::Seek::Set) == place && list(directory, page, kPage) >= 0;
    }
    return all ? user::kSurvived : user::broke("a directory was listed where there was no room\n");
}

// ---- Pieces.

int pieces()
{
    user::Ends ends{};
    if (!make_page() || user::pipe2(ends, uapi::open_flag::kNonblock) != 0) {
        return user::broke("there is no pipe\n");
    }
    // One buffer, four times over.
    const uapi::IoVector same[] = {{page, 64}, {page, 64}, {page + 32, 64}, {page, 8}};
    bool all = user::writev(ends.write, same) == 200 && user::readv(ends.read, same) == 200;
    // The list itself is what is read into.
    auto* const list = reinterpret_cast<uapi::IoVector*>(page);
    list[0] = {page, 2 * sizeof(uapi::IoVector)};
    list[1] = {page + 64, 16};
    const uapi::IoVector hostile_list[] = {{hostile::kKernelImage, 64}, {hostile::kPhysicalMap, 64}, {page + 256, 16}};
    all = all && user::write(static_cast<std::uint64_t>(ends.write), hostile_list, sizeof hostile_list) == 48;
    all = all && user::system_call(uapi::Syscall::Readv, static_cast<std::uint64_t>(ends.read), page, 2) == 48;
    // Pieces whose sum is more than a call transfers, of the biggest that memory can be.
    const uapi::IoVector huge[] = {{page, kPage}, {page, uapi::kMaximumTransfer}, {page, ~std::uint64_t{0} >> 1}};
    const std::int64_t written = user::writev(ends.write, huge);
    all = all && (written == kInvalid || written == kBad || (written > 0 && written <= 2 * 4096));
    for (const std::uint64_t bad : hostile::kBad) {
        const uapi::IoVector second[] = {{page, 8}, {bad, 8}};
        all = all && user::writev(ends.write, second) <= 8 && user::readv(ends.read, second) <= 8;
    }
    return all ? user::kSurvived : user::broke("pieces were taken for others\n");
}

// ---- Descriptors.

std::int64_t poll_at(std::uint64_t files, std::uint64_t count)
{
    return user::system_call(uapi::Syscall::Poll, files, count, 0);
}

std::int64_t select_at(std::uint64_t count, std::uint64_t sets)
{
    const uapi::TimeValue now{0, 0};
    return user::system_call(uapi::Syscall::Select, count, sets, sets, sets, reinterpret_cast<std::uint64_t>(&now));
}

int polls()
{
    if (!make_page()) {
        return user::broke("there is no memory\n");
    }
    bool all = poll_at(0, 0) == 0 && poll_at(hostile::kKernelImage, 0) == 0;
    for (const std::uint64_t count :
         {std::uint64_t{1} << 31, std::uint64_t{0xffff'ffff}, std::uint64_t{1} << 20, std::uint64_t{1} << 29}) {
        all = all && poll_at(page, count) == kInvalid;
    }
    all = all && poll_at(page, std::uint64_t{1} << 32) == 0; // an unsigned int: none
    for (const std::uint64_t bad : hostile::kBad) {
        all = all && poll_at(bad, 1) == kBad && poll_at(bad, 200) == kBad &&
              user::dup2(1, static_cast<std::int64_t>(bad | 0x4000'0000)) == error(Error::Ebadf);
        if (bad != 0) {
            all = all && select_at(64, bad) == kBad;
        }
    }
    // The list ends where memory does.
    all = all && poll_at(page + kPage - 8 * sizeof(uapi::PollFile), 9) == kBad && poll_at(page + kPage - 3, 1) == kBad;
    // As many as there can be, each of them not open: the answer is at once.
    auto* const files = reinterpret_cast<uapi::PollFile*>(page);
    for (unsigned i = 0; i < 200; ++i) {
        files[i] = {static_cast<std::int32_t>(i % 2 == 0 ? 0x7fff'ffff - i : 200), 0xffff, 0};
    }
    all = all && poll_at(page, 200) == 200 && files[199].returned == uapi::poll_event::kInvalid;
    // No more descriptors are looked at than there are, and no more bytes than that.
    __builtin_memset(reinterpret_cast<void*>(page), 0, kPage);
    all = all && select_at(~std::uint64_t{0}, page) == kInvalid &&
          select_at(std::uint64_t{1} << 31, page) == kInvalid && select_at(1 << 30, page) == 0 &&
          select_at(0x7fff'ffff, page) == 0 && select_at(0, hostile::kKernelImage) == 0;
    all = all && select_at(64, page + kPage - 8) == 0 && select_at(65, page + kPage - 8) == kBad &&
          select_at(64, page + kPage - 4) == kBad;
    return all ? user::kSurvived : user::broke("descriptors that there cannot be were looked at\n");
}

constexpr user::Case kCases[] = {{"entries", entries}, {"pieces", pieces}, {"polls", polls}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
