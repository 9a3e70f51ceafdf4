// SPDX-License-Identifier: MIT
#include "editor/gap_buffer.h"

#include <stdlib.h>

namespace editor {

using posix::View;

GapBuffer::~GapBuffer()
{
    free(bytes_);
}

bool GapBuffer::try_reserve(size_t count)
{
    const size_t gap = gap_end_ - gap_begin_;
    if (count <= gap) {
        return true;
    }
    const size_t used = size();
    if (count > SIZE_MAX / 4 - used) {
        return false;
    }
    const size_t wanted = used + count + used / 8 + 4096;
    auto* const moved = static_cast<char*>(realloc(bytes_, wanted));
    if (moved == nullptr) {
        return false;
    }
    const size_t behind = capacity_ - gap_end_;
    memmove(moved + wanted - behind, moved + gap_end_, behind);
    bytes_ = moved;
    capacity_ = wanted;
    gap_end_ = wanted - behind;
    return true;
}

void GapBuffer::move_gap(size_t to)
{
    if (to < gap_begin_) {
        const size_t moved = gap_begin_ - to;
        memmove(bytes_ + gap_end_ - moved, bytes_ + to, moved);
        gap_begin_ -= moved;
        gap_end_ -= moved;
    } else if (to > gap_begin_) {
        const size_t moved = to - gap_begin_;
        memmove(bytes_ + gap_begin_, bytes_ + gap_end_, moved);
        gap_begin_ += moved;
        gap_end_ += moved;
    }
}

bool GapBuffer::try_replace(size_t at, size_t removed, View inserted)
{
    if (!try_reserve(inserted.size())) {
        return false;
    }
    move_gap(at);
    gap_end_ += removed;
    if (!inserted.empty()) {
        memcpy(bytes_ + gap_begin_, inserted.data(), inserted.size());
        gap_begin_ += inserted.size();
    }
    return true;
}

View GapBuffer::view(size_t begin, size_t end)
{
    if (begin < gap_begin_ && end > gap_begin_) {
        move_gap(end);
    }
    return begin < gap_begin_ ? View{bytes_ + begin, end - begin}
                              : View{bytes_ + begin + (gap_end_ - gap_begin_), end - begin};
}

View GapBuffer::part_before(size_t begin, size_t end) const
{
    const size_t last = end < gap_begin_ ? end : gap_begin_;
    return begin < last ? View{bytes_ + begin, last - begin} : View{};
}

View GapBuffer::part_behind(size_t begin, size_t end) const
{
    const size_t first = begin > gap_begin_ ? begin : gap_begin_;
    return first < end ? View{bytes_ + first + (gap_end_ - gap_begin_), end - first} : View{};
}

size_t GapBuffer::find_newline(size_t begin) const
{
    const size_t first = part_before(begin, size()).find('\n');
    if (first != posix::kNowhere) {
        return begin + first;
    }
    const size_t start = begin > gap_begin_ ? begin : gap_begin_;
    const size_t second = part_behind(begin, size()).find('\n');
    return second == posix::kNowhere ? size() : start + second;
}

size_t GapBuffer::find_newline_before(size_t end) const
{
    const View behind = part_behind(0, end);
    if (const void* const found = memrchr(behind.data(), '\n', behind.size())) {
        return gap_begin_ + static_cast<size_t>(static_cast<const char*>(found) - behind.data());
    }
    const View before = part_before(0, end);
    const void* const found = memrchr(before.data(), '\n', before.size());
    return found == nullptr ? posix::kNowhere : static_cast<size_t>(static_cast<const char*>(found) - before.data());
}

size_t GapBuffer::count_newlines(size_t begin, size_t end) const
{
    size_t count = 0;
    const View parts[] = {part_before(begin, end), part_behind(begin, end)};
    for (const View part : parts) {
        for (size_t at = part.find('\n'); at != posix::kNowhere; at = part.find('\n', at + 1)) {
            ++count;
        }
    }
    return count;
}

} // namespace editor
