// SPDX-License-Identifier: MIT
#include "eldarin/memory_commands.h"

#include "eldarin/parse_number.h"
#include "mm/kernel_memory.h"
#include "mm/kernel_stacks.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

using base::left;
using base::print;
using base::right;
using base::StringView;

void print_memory(base::Writer& out)
{
    constexpr std::uint64_t kFramesPerMib = 256;
    const auto row = [&out](StringView name, std::uint64_t count) {
        print(out, left(name, 8), right(count, 10), " frames ", right(count / kFramesPerMib, 6), " MiB\n");
    };
    row("total", frame_allocator.total_frames());
    row("free", frame_allocator.free_frames());
    row("user", frame_allocator.used_frames(FrameKind::User));
    row("tables", frame_allocator.used_frames(FrameKind::PageTable));
    row("stacks", frame_allocator.used_frames(FrameKind::Stack));
    row("kernel", frame_allocator.used_frames(FrameKind::Kernel));
}

void print_slots(base::Writer& out)
{
    const auto row = [&out](StringView name, unsigned used, unsigned all) {
        print(out, left(name, 10), right(used, 6), " of ", right(all, 5), "\n");
    };
    row("processes", harbor.used_slots(), Harbor::kMaximumVessels);
    row("threads", loom.used_slots(), Loom::kMaximumThreads);
    row("stacks", kernel_stacks.used(), KernelStacks::kMaximumStacks);
    row("files", open_files.used_slots(), OpenFileTable::kMaximum);
    row("sleepers", loom.sleepers(), Loom::kMaximumThreads);
}

void fail_frames(base::Writer& out, base::Span<const StringView> arguments)
{
    std::uint32_t first = 0, count = 1;
    if (arguments.empty() || arguments.size() > 2 || !parse_number(arguments[0], first) ||
        (arguments.size() == 2 && !parse_number(arguments[1], count))) {
        print(out, "fail-frame: which allocation? fail-frame N [COUNT]\n");
        return;
    }
    print(out, frame_allocator.forced_failures(), " allocations have failed\n");
    frame_allocator.fail_allocation(first, count);
}

} // namespace kernel
