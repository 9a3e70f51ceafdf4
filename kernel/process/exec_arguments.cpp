// SPDX-License-Identifier: MIT
#include "process/exec_arguments.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

/// Bytes that are copied at once: most strings are shorter.
constexpr std::uint64_t kStep = 128;

Result<void> read_user_argument(ArgumentBlock& block, VirtAddr from)
{
    const std::uint64_t begin = block.size();
    for (;;) {
        const base::Span<std::uint8_t> room = TRY(block.room());
        const std::uint64_t left = kMaximumArgument - (block.size() - begin);
        if (left == 0) {
            return fail(Error::E2big);
        }
        // No page is touched that the string does not reach.
        const std::uint64_t in_page = arch::kPageSize - from.page_offset();
        const std::uint64_t wanted = base::min(base::min(kStep, left), base::min<std::uint64_t>(room.size(), in_page));
        if (copy_from_user({room.data(), wanted}, from) < wanted) {
            return fail(Error::Efault);
        }
        const base::StringView bytes(reinterpret_cast<const char*>(room.data()), wanted);
        const std::uint64_t length = bytes.before('\0').size();
        if (length < wanted) {
            block.commit(length + 1);
            return {};
        }
        block.commit(wanted);
        from += wanted;
    }
}

} // namespace

Result<ArgumentBlock::Run> read_user_strings(ArgumentBlock& block, VirtAddr list)
{
    ArgumentBlock::Run run{.begin = block.size(), .bytes = 0, .count = 0};
    if (list == VirtAddr{}) {
        return run;
    }
    for (;; list += sizeof(std::uint64_t)) {
        const auto string = TRY(read_user<std::uint64_t>(list));
        if (string == 0) {
            break;
        }
        TRY(read_user_argument(block, VirtAddr{string}));
        ++run.count;
    }
    run.bytes = block.size() - run.begin;
    return run;
}

} // namespace kernel
