// SPDX-License-Identifier: MIT
#include "editor/document.h"

#include "posix/glyph.h"

namespace editor {

using posix::kNowhere;
using posix::View;

void Document::loaded()
{
    newlines_ = bytes_.count_newlines(0, size());
    const size_t first = bytes_.find_newline(0);
    uses_carriage_return_ = first < size() && first > 0 && bytes_[first - 1] == '\r';
}

bool Document::apply(size_t at, size_t removed, View inserted)
{
    const size_t gone = bytes_.count_newlines(at, at + removed);
    if (!bytes_.try_replace(at, removed, inserted)) {
        return false;
    }
    newlines_ = newlines_ - gone + bytes_.count_newlines(at, at + inserted.size());
    return true;
}

bool Document::replace(size_t at, size_t removed, View inserted, bool begins_group, bool join)
{
    // Room first: a change that has been noted is then done.
    return bytes_.try_reserve(inserted.size()) &&
           changes_.add(at, bytes_.view(at, at + removed), inserted, begins_group, join) &&
           apply(at, removed, inserted);
}

size_t Document::undo()
{
    size_t place = kNowhere;
    while (const Change* const change = changes_.to_undo()) {
        if (!apply(change->at, change->inserted.size(), change->removed)) {
            return kNowhere;
        }
        place = change->at + change->removed.size();
        changes_.undone();
        if (change->begins_group) {
            break;
        }
    }
    changes_.separate();
    return place;
}

size_t Document::redo()
{
    size_t place = kNowhere;
    for (const Change* change = changes_.to_redo(); change != nullptr; change = changes_.to_redo()) {
        if (place != kNowhere && change->begins_group) {
            break;
        }
        if (!apply(change->at, change->removed.size(), change->inserted)) {
            return kNowhere;
        }
        place = change->at + change->inserted.size();
        changes_.redone();
    }
    changes_.separate();
    return place;
}

size_t Document::line_begin(size_t position) const
{
    const size_t newline = bytes_.find_newline_before(position);
    return newline == kNowhere ? 0 : newline + 1;
}

size_t Document::line_end(size_t position) const
{
    const size_t newline = bytes_.find_newline(position);
    const bool has_return = newline < size() && newline > 0 && bytes_[newline - 1] == '\r' && newline > position;
    return has_return ? newline - 1 : newline;
}

size_t Document::next_line(size_t position) const
{
    const size_t newline = bytes_.find_newline(position);
    return newline == size() ? kNowhere : newline + 1;
}

size_t Document::line_position(size_t number) const
{
    size_t position = 0;
    for (; number > 1; --number) {
        const size_t next = next_line(position);
        if (next == kNowhere) {
            break;
        }
        position = next;
    }
    return position;
}

size_t Document::after(size_t position)
{
    if (position == size()) {
        return position;
    }
    const size_t end = line_end(position);
    if (position == end) {
        return next_line(position);
    }
    return position + posix::glyph_at(bytes_.view(position, end), 0).size;
}

size_t Document::before(size_t position)
{
    const size_t begin = line_begin(position);
    if (position > begin) {
        return begin + posix::glyph_before(bytes_.view(begin, position), position - begin);
    }
    if (begin == 0) {
        return 0;
    }
    const bool has_return = begin > 1 && bytes_[begin - 2] == '\r';
    return begin - (has_return ? 2 : 1);
}

size_t Document::find(View wanted, size_t from)
{
    if (wanted.empty()) {
        return kNowhere;
    }
    const View all = bytes_.view(0, size());
    const size_t starts[] = {posix::smaller(from, size()), 0};
    for (const size_t start : starts) {
        if (const void* const found = memmem(all.data() + start, all.size() - start, wanted.data(), wanted.size())) {
            return static_cast<size_t>(static_cast<const char*>(found) - all.data());
        }
    }
    return kNowhere;
}

size_t Document::find_back(View wanted, size_t from)
{
    if (wanted.empty() || wanted.size() > size()) {
        return kNowhere;
    }
    const View all = bytes_.view(0, size());
    const size_t ends[] = {posix::smaller(from, size()), size()};
    for (size_t end : ends) {
        while (const void* const first = memrchr(all.data(), wanted[0], end)) {
            end = static_cast<size_t>(static_cast<const char*>(first) - all.data());
            if (all.from(end).starts_with(wanted)) {
                return end;
            }
        }
    }
    return kNowhere;
}

} // namespace editor
