// SPDX-License-Identifier: MIT
#include "editor/changes.h"

namespace editor {

using posix::View;

bool Changes::add(size_t at, View removed, View inserted, bool begins_group, bool join)
{
    if (done_ < all_.size()) {
        saved_ = saved_ != posix::kNowhere && saved_ > done_ ? posix::kNowhere : saved_;
        all_.truncate(done_);
        joinable_ = false;
    }
    if (join && joinable_ && done_ != saved_ && done_ > 0 && try_join(at, removed, inserted)) {
        return true;
    }
    while (!try_add(at, removed, inserted, begins_group)) {
        if (all_.empty()) {
            return false;
        }
        forget_oldest((all_.size() + 1) / 2);
    }
    done_ = all_.size();
    joinable_ = join;
    return true;
}

/// Letters behind letters, or letters taken away before or behind others.
bool Changes::try_join(size_t at, View removed, View inserted)
{
    Change& last = all_.back();
    if (removed.empty() && last.removed.empty() && at == last.at + last.inserted.size()) {
        return last.inserted.try_append(inserted);
    }
    if (inserted.empty() && last.inserted.empty() && at + removed.size() == last.at) {
        if (!last.removed.try_insert(0, removed)) {
            return false;
        }
        last.at = at;
        return true;
    }
    return inserted.empty() && last.inserted.empty() && at == last.at && last.removed.try_append(removed);
}

bool Changes::try_add(size_t at, View removed, View inserted, bool begins_group)
{
    Change change;
    change.at = at;
    change.begins_group = begins_group;
    return change.removed.try_append(removed) && change.inserted.try_append(inserted) &&
           all_.try_append(posix::move(change));
}

void Changes::forget_oldest(size_t count)
{
    all_.remove(0, count);
    done_ = all_.size();
    saved_ = saved_ == posix::kNowhere || saved_ < count ? posix::kNowhere : saved_ - count;
}

} // namespace editor
