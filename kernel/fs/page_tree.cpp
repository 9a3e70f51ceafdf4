// SPDX-License-Identifier: MIT
#include "fs/page_tree.h"

namespace kernel {

using base::Result;

FilePage PageTree::find(const FrameAllocator& frames, std::uint64_t index) const
{
    if (!reaches(index)) {
        return {};
    }
    FilePage entry = root_;
    for (unsigned height = height_; height > 0 && entry; --height) {
        entry = table(frames, entry)[index / span(height - 1) % kEntries];
    }
    return entry;
}

Result<arch::PhysAddr> PageTree::make_table(FrameAllocator& frames)
{
    TRY(file_space.take_page());
    const Result<arch::PhysAddr> made = frames.allocate_zeroed();
    if (!made) {
        file_space.give_page();
    }
    return made;
}

Result<FilePage*> PageTree::place(FrameAllocator& frames, std::uint64_t index)
{
    while (!reaches(index)) {
        if (root_) {
            const arch::PhysAddr higher = TRY(make_table(frames));
            *frames.window().at<FilePage>(higher) = root_;
            root_ = FilePage(higher, false);
        }
        ++height_;
    }
    FilePage* entry = &root_;
    for (unsigned height = height_; height > 0; --height) {
        if (!*entry) {
            const arch::PhysAddr made = TRY(make_table(frames));
            *entry = FilePage(made, false);
        }
        entry = table(frames, *entry) + index / span(height - 1) % kEntries;
    }
    return entry;
}

/// Goes over whole empty entries at once.
std::uint64_t PageTree::next(const FrameAllocator& frames, std::uint64_t index) const
{
    while (reaches(index)) {
        FilePage entry = root_;
        unsigned height = height_;
        while (height > 0 && entry) {
            --height;
            entry = table(frames, entry)[index / span(height) % kEntries];
        }
        if (entry) {
            return index;
        }
        index = (index / span(height) + 1) * span(height);
    }
    return ~std::uint64_t{0};
}

} // namespace kernel
