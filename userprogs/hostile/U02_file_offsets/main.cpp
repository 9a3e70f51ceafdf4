// SPDX-License-Identifier: MIT
// Hostile (catalogue U02): places in a file, and lengths of it, at which sums wrap: at 2^63, below 0, and so far out
// that only tables would be there.
// expect offsets: exited with status 0
// expect lengths: exited with status 0
// expect far_pages: exited with status 0
// expect mappings: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/names.h"

namespace {

using linux_abi::error;
using uapi::Error;

constexpr std::int64_t kLast = static_cast<std::int64_t>(~std::uint64_t{0} >> 1), kFirst = -kLast - 1;
constexpr std::int64_t kInvalid = error(Error::Einval), kTooBig = error(Error::Efbig);
constexpr std::int64_t kPage = 4096;
constexpr const char* kName = "u02_file";

std::int64_t file = -1;
char bytes[16] = "fifteen letters";

/// Without a name, so that nothing stays behind.
bool make_file()
{
    file = user::create(kName);
    return file >= 0 && user::unlink(kName) == 0;
}

std::int64_t pwrite(std::size_t count, std::int64_t offset)
{
    return user::system_call(uapi::Syscall::Pwrite64, static_cast<std::uint64_t>(file),
                             reinterpret_cast<std::uint64_t>(bytes), count, static_cast<std::uint64_t>(offset));
}

std::int64_t set_size(std::int64_t size)
{
    return user::system_call(uapi::Syscall::Ftruncate, static_cast<std::uint64_t>(file),
                             static_cast<std::uint64_t>(size));
}

std::int64_t reserve(std::uint64_t mode, std::int64_t offset, std::int64_t count)
{
    return user::system_call(uapi::Syscall::Fallocate, static_cast<std::uint64_t>(file), mode,
                             static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(count));
}

std::int64_t size()
{
    uapi::Stat stat{};
    user::fstat(file, stat);
    return stat.size;
}

/// Nothing is there, or its end cannot be said: Linux says the latter.
bool is_end(std::int64_t result)
{
    return result == 0 || result == kInvalid;
}

int offsets()
{
    using uapi::Seek;
    using user::seek;
    if (!make_file()) {
        return user::broke("there is no file\n");
    }
    bool all = pwrite(4, 0) == 4;
    all = all && seek(file, -1, Seek::Set) == kInvalid && seek(file, kFirst, Seek::Set) == kInvalid &&
          seek(file, kLast, Seek::Set) == kLast && is_end(user::read(file, bytes, 4));
    const std::int64_t beyond = seek(file, 1, Seek::Current), behind = seek(file, kLast, Seek::End);
    all = all && (beyond == kInvalid || beyond == error(Error::Eoverflow)) &&
          (behind == kInvalid || behind == error(Error::Eoverflow)) && seek(file, kFirst, Seek::End) == kInvalid &&
          seek(file, -5, Seek::End) == kInvalid && seek(file, 0, Seek{99}) == kInvalid &&
          seek(file, 0, Seek{~0U}) == kInvalid;
    all = all && seek(file, 4, Seek::Data) == error(Error::Enxio) &&
          seek(file, kLast, Seek::Hole) == error(Error::Enxio) && seek(file, -1, Seek::Data) == error(Error::Enxio);
    for (const std::int64_t bad : {std::int64_t{-1}, kFirst}) {
        all = all && user::pread(file, bytes, 4, bad) == kInvalid && pwrite(4, bad) == kInvalid;
    }
    // What would end behind the last place that there can be is cut short, or refused; never wrapped.
    all = all && is_end(user::pread(file, bytes, 4, kLast)) && is_end(user::pread(file, bytes, 16, kLast - 3));
    const std::int64_t written = pwrite(16, kLast - 3);
    all = all && (written == kTooBig || written == kInvalid || (written > 0 && written <= 3)) &&
          user::pread(file, bytes, 4, 0) >= 0;
    return all && pwrite(0, kLast) <= 0 && set_size(4) == 0 && size() == 4
               ? user::kSurvived
               : user::broke("a place that wraps was taken\n");
}

int lengths()
{
    if (!make_file()) {
        return user::broke("there is no file\n");
    }
    bool all = pwrite(4, 0) == 4 && set_size(-1) == kInvalid && set_size(kFirst) == kInvalid && size() == 4;
    all = all && reserve(0, -1, 1) == kInvalid && reserve(0, 0, -1) == kInvalid && reserve(0, 0, 0) == kInvalid &&
          reserve(0, 0, kFirst) == kInvalid && reserve(0xffff, 0, 1) == error(Error::Eopnotsupp) &&
          reserve(0, kLast, 1) == kTooBig && reserve(0, kLast, kLast) == kTooBig && reserve(0, 1, kLast) == kTooBig;
    // More than there is: refused as a whole, and nothing of it is kept.
    const std::int64_t no_space = reserve(0, 0, std::int64_t{1} << 45);
    all = all && (no_space == error(Error::Enospc) || no_space == kTooBig) && size() == 4;
    const std::int64_t kept = reserve(uapi::kAllocateKeepSize, kLast - kPage, kPage);
    all = all && (kept == 0 || kept < 0) && size() == 4;
    // As large as a file may be, with nothing in it.
    const std::int64_t largest = set_size(kLast);
    all = all && (largest == 0 || largest == kTooBig) && (largest != 0 || size() == kLast) && set_size(0) == 0 &&
          size() == 0;
    // By name as well, and what has no length at all.
    all = all && user::named_call(uapi::Syscall::Truncate, "/etc", 0) == error(Error::Eisdir) &&
          user::named_call(uapi::Syscall::Truncate, "/etc/motd", ~std::uint64_t{0}) == kInvalid;
    return all ? user::kSurvived : user::broke("a length that wraps was taken\n");
}

/// One byte here and there, each of which needs tables of its own; all of them go with the file.
int far_pages()
{
    if (!make_file()) {
        return user::broke("there is no file\n");
    }
    bool all = true;
    for (unsigned shift = 12; shift < 43; ++shift) {
        const std::int64_t offset = std::int64_t{1} << shift;
        all = all && pwrite(1, offset) == 1 && user::pread(file, bytes + 8, 2, offset - 1) >= 1;
    }
    // Shorter from far out to near, and nothing of it comes back.
    for (unsigned shift = 42; shift > 12; --shift) {
        all = all && set_size((std::int64_t{1} << shift) - 1) == 0;
    }
    all = all && set_size(std::int64_t{1} << 42) == 0;
    for (unsigned shift = 13; shift < 42; ++shift) {
        bytes[0] = 'x';
        all = all && user::pread(file, bytes, 1, std::int64_t{1} << shift) == 1 && bytes[0] == 0;
    }
    return all ? user::kSurvived : user::broke("a page far out is not what was written\n");
}

std::int64_t map_at(std::uint64_t length, std::uint64_t offset)
{
    return user::map_file(file, length, uapi::kProtRead, offset);
}

int mappings()
{
    if (!make_file() || pwrite(4, 0) != 4) {
        return user::broke("there is no file\n");
    }
    constexpr auto kHalf = std::uint64_t{1} << 63;
    const auto refused = [](std::int64_t result) {
        return result == kInvalid || result == error(Error::Eoverflow) || result == error(Error::Enomem);
    };
    bool all = refused(map_at(kPage, ~std::uint64_t{0} << 12)) || map_at(kPage, ~std::uint64_t{0} << 12) > 0;
    all = all && refused(map_at(2 * kPage, ~std::uint64_t{0} << 12)) && refused(map_at(kPage, 1)) &&
          refused(map_at(~std::uint64_t{0}, 0)) && refused(map_at(kHalf, kHalf)) && refused(map_at(0, 0));
    const std::int64_t far = map_at(kPage, kHalf - kPage);
    all = all && (refused(far) || user::munmap(static_cast<std::uint64_t>(far), kPage) == 0);
    return all ? user::kSurvived : user::broke("a view that wraps was given\n");
}

constexpr user::Case kCases[] = {
    {"offsets", offsets}, {"lengths", lengths}, {"far_pages", far_pages}, {"mappings", mappings}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
