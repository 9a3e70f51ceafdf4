// SPDX-License-Identifier: MIT
#include "fs/directory_path.h"

namespace kernel {

using base::fail;
using base::Result;
using base::StringView;

Result<StringView> path_of(Directory& directory, char (&buffer)[kPathMax])
{
    std::size_t begin = kPathMax - 1;
    buffer[begin] = '\0';
    Directory* at = &directory;
    for (; &at->parent() != at; at = &at->parent()) {
        const StringView name = at->name();
        if (name.empty()) {
            return fail(uapi::Error::Enoent);
        }
        if (name.size() + 1 > begin) {
            return fail(uapi::Error::Enametoolong);
        }
        begin -= name.size();
        __builtin_memcpy(buffer + begin, name.data(), name.size());
        buffer[--begin] = '/';
    }
    if (begin == kPathMax - 1) {
        buffer[--begin] = '/';
    }
    return StringView(buffer + begin, kPathMax - begin);
}

} // namespace kernel
