// SPDX-License-Identifier: MIT
#include "process/script.h"

#include "base/min_max.h"

namespace kernel {

using base::StringView;

namespace {

constexpr StringView kMagic = "#!";

bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

StringView without_blanks_before(StringView text)
{
    while (!text.empty() && is_blank(text[0])) {
        text = text.drop(1);
    }
    return text;
}

StringView without_blanks_behind(StringView text)
{
    while (!text.empty() && is_blank(text[text.size() - 1])) {
        text = {text.data(), text.size() - 1};
    }
    return text;
}

} // namespace

bool ScriptLine::begins(base::Bytes file)
{
    return file.size() >= kMagic.size() && file[0] == '#' && file[1] == '!';
}

base::Result<void> ScriptLine::read(base::Bytes file)
{
    const std::size_t length = base::min(file.size(), kMaximumLength);
    __builtin_memcpy(text_, file.data(), length);
    const StringView seen = StringView(text_, length).drop(kMagic.size());
    StringView line = seen.before('\n');
    const bool cut = line.size() == seen.size() && file.size() >= kMaximumLength;
    if (cut) {
        line = {line.data(), line.size() - 1}; // Linux keeps a byte for the NUL
    }
    const StringView words = without_blanks_before(line.before('\0'));
    std::size_t end = 0;
    while (end < words.size() && !is_blank(words[end])) {
        ++end;
    }
    if (end == 0 || (cut && end == words.size())) {
        return base::fail(uapi::Error::Enoexec);
    }
    interpreter_ = part({words.data(), end});
    argument_ = part(without_blanks_behind(without_blanks_before(words.drop(end))));
    return {};
}

} // namespace kernel
