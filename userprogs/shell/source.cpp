// SPDX-License-Identifier: MIT
#include "shell/source.h"

namespace shell {

bool Source::has(size_t index)
{
    while (index >= text_.size()) {
        if (ended_) {
            return false;
        }
        ended_ = !supply_.next(supply_.context, continued_, text_);
        continued_ = true;
    }
    return true;
}

int Source::peek(size_t ahead)
{
    for (size_t index = at_;; ++index) {
        while (has(index) && text_[index] == '\\' && has(index + 1) && text_[index + 1] == '\n') {
            index += 2;
        }
        if (!has(index)) {
            return kEnd;
        }
        if (ahead-- == 0) {
            return static_cast<unsigned char>(text_[index]);
        }
    }
}

int Source::next()
{
    while (has(at_) && text_[at_] == '\\' && has(at_ + 1) && text_[at_ + 1] == '\n') {
        at_ += 2;
        ++line_;
    }
    return next_raw();
}

int Source::next_raw()
{
    if (!has(at_)) {
        return kEnd;
    }
    const char c = text_[at_++];
    line_ += c == '\n' ? 1 : 0;
    return static_cast<unsigned char>(c);
}

bool Source::substitute(Place begin, const Aliases::Alias& alias)
{
    for (const Active& active : active_) {
        if (begin.at < active.end && active.name == alias.name) {
            return false;
        }
    }
    const size_t removed = at_ - begin.at;
    for (Active& active : active_) {
        active.end += active.end > begin.at ? alias.value.size() - removed : 0;
    }
    text_.remove(begin.at, removed);
    text_.insert(begin.at, alias.value);
    const bool blank = !alias.value.empty() && (alias.value.back() == ' ' || alias.value.back() == '\t');
    active_.append({posix::String{alias.name.view()}, begin.at + alias.value.size(), blank});
    back(begin);
    return true;
}

bool Source::after_blank_alias() const
{
    for (const Active& active : active_) {
        if (active.blank && active.end <= at_) {
            // Nothing but blanks may stand between.
            bool adjacent = true;
            for (size_t i = active.end; i < at_; ++i) {
                adjacent = adjacent && (text_[i] == ' ' || text_[i] == '\t');
            }
            if (adjacent) {
                return true;
            }
        }
    }
    return false;
}

void Source::begin_command()
{
    for (size_t i = active_.size(); i-- > 0;) {
        if (active_[i].end <= at_) {
            active_.remove(i);
        } else {
            active_[i].end -= at_;
        }
    }
    text_.remove(0, text_.empty() ? 0 : at_);
    at_ = 0;
    continued_ = false;
}

void Source::discard_line()
{
    at_ = text_.size();
    active_.clear();
    // A person who has left a command in its middle goes on with another.
    ended_ = supply_.next == nullptr;
    begin_command();
}

} // namespace shell
