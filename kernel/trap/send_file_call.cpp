// SPDX-License-Identifier: MIT
#include "trap/send_file_call.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "trap/file_calls.h"
#include "trap/path_argument.h"

namespace kernel {

using arch::kPageSize;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

constexpr std::uint64_t kLargestOffset = ~std::uint64_t{0} >> 1;
constexpr std::uint64_t kWindow = std::uint64_t{64} << 10; ///< what is mapped at once

/// Some of what `input` has from `place` on: as much as a window shows of it, and at most `count`.
Result<std::uint64_t> send_window(OpenFile& output, Inode& input, std::uint64_t place, std::uint64_t count)
{
    UserMemory& memory = caller().memory;
    const std::uint64_t lead = place % kPageSize;
    const std::uint64_t wanted = base::min(count, kWindow - lead);
    const VirtAddr begin = TRY(memory.map({.address = VirtAddr{},
                                           .length = lead + wanted,
                                           .protection = {.read = true},
                                           .kind = VmaKind::File,
                                           .file = input.pages(),
                                           .file_offset = place - lead}));
    const Result<std::uint64_t> sent = write_to(output, begin + lead, wanted);
    [[maybe_unused]] const Result<void> unmapped = memory.unmap(begin, lead + wanted);
    return sent;
}

Result<std::uint64_t> send(OpenFile& output, Inode& input, std::uint64_t place, std::uint64_t count)
{
    std::uint64_t done = 0;
    while (done < count) {
        const std::uint64_t size = input.size();
        const std::uint64_t rest = size > place + done ? base::min(count - done, size - place - done) : 0;
        if (rest == 0) {
            break;
        }
        const Result<std::uint64_t> sent = send_window(output, input, place + done, rest);
        if (!sent && done == 0) {
            return sent;
        }
        if (!sent || *sent == 0) {
            break;
        }
        done += *sent;
    }
    return done;
}

} // namespace

Result<std::uint64_t> sendfile(std::uint64_t output, std::uint64_t input, VirtAddr offset, std::uint64_t count)
{
    const bool from_offset = offset != VirtAddr{};
    const std::uint64_t asked = from_offset ? TRY(read_user<std::uint64_t>(offset)) : 0;
    const HeldFile in = TRY(find_usable(input));
    if (!in->readable) {
        return fail(Error::Ebadf);
    }
    if (from_offset && in->inode->stream) {
        return fail(Error::Espipe);
    }
    const std::uint64_t place = from_offset ? asked : in->offset;
    if (place > kLargestOffset || count > kLargestOffset) {
        return fail(Error::Einval);
    }
    const HeldFile out = TRY(find_usable(output));
    if (!out->writable) {
        return fail(Error::Ebadf);
    }
    if (in->inode->kind != FileKind::Regular || in->inode->pages() == nullptr ||
        (out->status_flags & uapi::open_flag::kAppend) != 0) {
        return fail(Error::Einval);
    }
    const std::uint64_t sent = TRY(send(*out, *in->inode, place, base::min(count, kMostAtOnce)));
    if (!from_offset) {
        in->offset = place + sent;
        return sent;
    }
    TRY(write_user(offset, place + sent));
    return sent;
}

} // namespace kernel
