// SPDX-License-Identifier: MIT
#include "trap/file_calls.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "trap/file_size_limit.h"
#include "trap/path_argument.h"
#include "uapi/files.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

constexpr std::uint64_t kLargestOffset = ~std::uint64_t{0} >> 1; ///< off_t is signed

/// EBADF: not open for reading.
Result<HeldFile> find_readable(std::uint64_t descriptor)
{
    Result<HeldFile> file = find_file(descriptor);
    return file && !(*file)->readable ? fail(Error::Ebadf) : std::move(file);
}

Result<HeldFile> find_writable(std::uint64_t descriptor)
{
    Result<HeldFile> file = find_file(descriptor);
    return file && !(*file)->writable ? fail(Error::Ebadf) : std::move(file);
}

/// Of what is asked for, all must be the program's, not only what one call transfers at most.
Result<std::uint64_t> read_from(OpenFile& file, VirtAddr buffer, std::uint64_t asked)
{
    if (!in_user_space(buffer, asked)) {
        return fail(Error::Efault);
    }
    const std::uint64_t moved =
        TRY(file.inode->read(file, buffer, base::min(asked, uapi::kMaximumTransfer), file.offset));
    file.offset += file.inode->stream ? 0 : moved;
    return moved;
}

/// Some pieces of a list, copied once, so that nobody changes them between the check and their use.
struct Pieces {
    static constexpr std::uint32_t kMaximum = 16;

    uapi::IoVector pieces[kMaximum];
    std::uint32_t count = 0;
};

/// The `count` <= Pieces::kMaximum pieces at `list`.  EFAULT: they cannot be read.  EINVAL: one is too long.
Result<Pieces> read_pieces(VirtAddr list, std::uint32_t count)
{
    Pieces result;
    result.count = count;
    const std::uint64_t bytes = count * sizeof(uapi::IoVector);
    if (copy_from_user({reinterpret_cast<std::uint8_t*>(result.pieces), bytes}, list) < bytes) {
        return fail(Error::Efault);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        if (result.pieces[i].length > kLargestOffset) {
            return fail(Error::Einval);
        }
    }
    return result;
}

/// Moves pieces in their order, until one was not moved whole.
/// @param move  (address, bytes) -> Result of bytes moved
/// @param done  bytes moved so far, by other pieces too
/// @return whether all were moved whole
template <typename Move> Result<bool> move_pieces(const Pieces& pieces, Move& move, std::uint64_t& done)
{
    for (std::uint32_t i = 0; i < pieces.count; ++i) {
        const uapi::IoVector& piece = pieces.pieces[i];
        const std::uint64_t moved = TRY(move(VirtAddr{piece.base}, piece.length));
        done += moved;
        if (moved < piece.length || done >= kMostAtOnce) {
            return false;
        }
    }
    return true;
}

/// A list that is longer than Pieces is looked at in parts: a mistake in a later one ends the call short.
template <typename Move> Result<std::uint64_t> move_list(VirtAddr list, std::uint64_t argument, Move move)
{
    const auto count = static_cast<std::uint32_t>(argument); // an int
    if (count > uapi::kMaximumIoVectors) {
        return fail(Error::Einval);
    }
    std::uint64_t done = 0;
    for (std::uint32_t first = 0; first < count; first += Pieces::kMaximum) {
        const Result<Pieces> pieces =
            read_pieces(list + first * sizeof(uapi::IoVector), base::min(count - first, Pieces::kMaximum));
        const Result<bool> whole = pieces ? move_pieces(*pieces, move, done) : Result<bool>(fail(pieces.error()));
        if (!whole && done == 0) {
            return fail(whole.error());
        }
        if (!whole || !*whole) {
            break;
        }
    }
    return done;
}

} // namespace

Result<std::uint64_t> write_to(OpenFile& file, VirtAddr buffer, std::uint64_t asked)
{
    if (!in_user_space(buffer, asked)) {
        return fail(Error::Efault);
    }
    const bool appends = (file.status_flags & uapi::open_flag::kAppend) != 0;
    const std::uint64_t offset = appends ? file.inode->size() : file.offset;
    const std::uint64_t wanted = TRY(writable_bytes(*file.inode, offset, base::min(asked, uapi::kMaximumTransfer)));
    const std::uint64_t moved = TRY(file.inode->write(file, buffer, wanted, offset));
    file.offset = file.inode->stream ? 0 : offset + moved;
    return moved;
}

Result<std::uint64_t> read(std::uint64_t descriptor, VirtAddr buffer, std::uint64_t count)
{
    const HeldFile file = TRY(find_readable(descriptor));
    return read_from(*file, buffer, count);
}

namespace {

/// A file with places, and the place at which one of the calls with an offset begins.
/// EINVAL: below 0.  EBADF.  ESPIPE: a stream.
Result<HeldFile> find_with_offset(std::uint64_t descriptor, std::uint64_t offset, bool OpenFile::* access)
{
    if (offset > kLargestOffset) {
        return fail(Error::Einval);
    }
    Result<HeldFile> file = find_file(descriptor);
    if (file && (*file)->inode->stream) {
        return fail(Error::Espipe);
    }
    return file && !((**file).*access) ? fail(Error::Ebadf) : std::move(file);
}

Result<std::uint64_t> read_at(OpenFile& file, VirtAddr buffer, std::uint64_t asked, std::uint64_t offset)
{
    if (!in_user_space(buffer, asked)) {
        return fail(Error::Efault);
    }
    return file.inode->read(file, buffer, base::min(asked, uapi::kMaximumTransfer), offset);
}

/// With O_APPEND, at the end all the same, as on Linux.  [pwrite(2) "BUGS"]
Result<std::uint64_t> write_at(OpenFile& file, VirtAddr buffer, std::uint64_t asked, std::uint64_t offset)
{
    if (!in_user_space(buffer, asked)) {
        return fail(Error::Efault);
    }
    const bool appends = (file.status_flags & uapi::open_flag::kAppend) != 0;
    const std::uint64_t place = appends ? file.inode->size() : offset;
    const std::uint64_t wanted = TRY(writable_bytes(*file.inode, place, base::min(asked, uapi::kMaximumTransfer)));
    return file.inode->write(file, buffer, wanted, place);
}

} // namespace

Result<std::uint64_t> pread64(std::uint64_t descriptor, VirtAddr buffer, std::uint64_t count, std::uint64_t offset)
{
    const HeldFile file = TRY(find_with_offset(descriptor, offset, &OpenFile::readable));
    return read_at(*file, buffer, count, offset);
}

Result<std::uint64_t> pwrite64(std::uint64_t descriptor, VirtAddr buffer, std::uint64_t count, std::uint64_t offset)
{
    const HeldFile file = TRY(find_with_offset(descriptor, offset, &OpenFile::writable));
    return write_at(*file, buffer, count, offset);
}

Result<std::uint64_t> preadv(std::uint64_t descriptor, VirtAddr pieces, std::uint64_t count, std::uint64_t offset)
{
    const HeldFile file = TRY(find_with_offset(descriptor, offset, &OpenFile::readable));
    return move_list(pieces, count, [&](VirtAddr buffer, std::uint64_t length) {
        const Result<std::uint64_t> moved = read_at(*file, buffer, length, offset);
        offset += moved ? *moved : 0;
        return moved;
    });
}

Result<std::uint64_t> pwritev(std::uint64_t descriptor, VirtAddr pieces, std::uint64_t count, std::uint64_t offset)
{
    const HeldFile file = TRY(find_with_offset(descriptor, offset, &OpenFile::writable));
    return move_list(pieces, count, [&](VirtAddr buffer, std::uint64_t length) {
        const Result<std::uint64_t> moved = write_at(*file, buffer, length, offset);
        offset += moved ? *moved : 0;
        return moved;
    });
}

Result<std::uint64_t> write(std::uint64_t descriptor, VirtAddr buffer, std::uint64_t count)
{
    const HeldFile file = TRY(find_writable(descriptor));
    return write_to(*file, buffer, count);
}

Result<std::uint64_t> readv(std::uint64_t descriptor, VirtAddr pieces, std::uint64_t count)
{
    const HeldFile file = TRY(find_readable(descriptor));
    const bool is_pipe = file->inode->pipe() != nullptr;
    bool stream_was_read = false;
    return move_list(pieces, count, [&](VirtAddr buffer, std::uint64_t length) -> Result<std::uint64_t> {
        if (stream_was_read && (!is_pipe || (file->inode->poll(*file) & uapi::poll_event::kIn) == 0)) {
            return 0; // what has been read is not kept back until there is more
        }
        const Result<std::uint64_t> moved = read_from(*file, buffer, length);
        stream_was_read = file->inode->stream && moved && *moved > 0;
        return moved;
    });
}

Result<std::uint64_t> writev(std::uint64_t descriptor, VirtAddr pieces, std::uint64_t count)
{
    const HeldFile file = TRY(find_writable(descriptor));
    return move_list(pieces, count,
                     [&](VirtAddr buffer, std::uint64_t length) { return write_to(*file, buffer, length); });
}

Result<std::uint64_t> lseek(std::uint64_t descriptor, std::uint64_t offset, std::uint64_t origin)
{
    const HeldFile file = TRY(find_usable(descriptor));
    if (file->inode->stream) {
        return fail(Error::Espipe);
    }
    std::uint64_t begin = 0;
    switch (static_cast<uapi::Seek>(static_cast<std::uint32_t>(origin))) {
    case uapi::Seek::Set: break;
    case uapi::Seek::Current: begin = file->offset; break;
    case uapi::Seek::End: begin = file->inode->size(); break;
    case uapi::Seek::Data:
    case uapi::Seek::Hole: {
        const bool hole = static_cast<uapi::Seek>(static_cast<std::uint32_t>(origin)) == uapi::Seek::Hole;
        file->offset = TRY(offset > kLargestOffset ? Result<std::uint64_t>(fail(Error::Enxio))
                                                   : file->inode->seek_data(offset, hole));
        return file->offset;
    }
    default: return fail(Error::Einval);
    }
    // `begin` is below 2^63: a sum that is not lies below 0, or beyond what a position can be.
    const std::uint64_t position = begin + offset;
    if (position > kLargestOffset) {
        return fail(Error::Einval);
    }
    file->offset = position;
    return position;
}

Result<std::uint64_t> ioctl(std::uint64_t descriptor, std::uint64_t request, std::uint64_t argument)
{
    const HeldFile file = TRY(find_usable(descriptor));
    return file->inode->ioctl(*file, static_cast<std::uint32_t>(request), argument);
}

Result<std::uint64_t> fsync(std::uint64_t descriptor)
{
    const HeldFile file = TRY(find_usable(descriptor));
    return file->inode->kind == FileKind::Regular || file->inode->kind == FileKind::Directory ? Result<std::uint64_t>(0)
                                                                                              : fail(Error::Einval);
}

std::uint64_t sync()
{
    return 0;
}

} // namespace kernel
