// SPDX-License-Identifier: MIT
#include "shell/fields.h"

namespace shell {

using posix::View;

void Field::append(View bytes, bool quoted)
{
    text.append(bytes);
    for (size_t i = 0; i < bytes.size(); ++i) {
        marks.append(quoted ? kQuoted : kPlain);
    }
}

posix::String Field::pattern() const
{
    posix::String result;
    for (size_t i = 0; i < text.size(); ++i) {
        if (marks[i] == kQuoted && View{"*?[]\\-!^"}.contains(text[i])) {
            result.append('\\');
        }
        result.append(text[i]);
    }
    return result;
}

bool Field::is_pattern() const
{
    for (size_t i = 0; i < text.size(); ++i) {
        if (marks[i] == kPlain && View{"*?["}.contains(text[i])) {
            return true;
        }
    }
    return false;
}

void Fields::append_quoted(View text)
{
    begun_ = true;
    blank_before_ = false;
    current_.append(text, true);
}

void Fields::append_plain(View text)
{
    if (!text.empty()) {
        begun_ = true;
        blank_before_ = false;
        current_.append(text, false);
    }
}

void Fields::append_split(View text)
{
    for (const char c : text) {
        if (!separators_.view().contains(c)) {
            append_plain({&c, 1});
            continue;
        }
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (begun_) {
            end_field();
            blank_before_ = blank;
        } else if (!blank) {
            // Of "a : b" the colon belongs to the blank before it; else there is an empty field.
            if (!blank_before_) {
                done_.append(Field{});
            }
            blank_before_ = false;
        }
    }
}

void Fields::end_field()
{
    if (begun_) {
        done_.append(posix::move(current_));
        current_ = Field{};
        begun_ = false;
    }
}

posix::Vector<Field> Fields::take()
{
    end_field();
    return posix::move(done_);
}

} // namespace shell
