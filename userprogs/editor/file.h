// SPDX-License-Identifier: MIT
// The file of a document.  Saving writes a new file beside it and renames that, so that at each moment there is the old
// text or the new one whole, whatever fails.
#pragma once

#include "editor/document.h"
#include "posix/string.h"

#include <sys/stat.h>

namespace editor {

class File {
public:
    explicit File(posix::View path) : path_{path} {}

    /// Reads it into `document`, which is empty; one that does not exist is an empty new one.  False: error() says why.
    bool load(Document& document);
    /// Writes `document`, with the owner and the permissions of the file that is there.  False: error() says why, and
    /// the file is as it was; so it is when something else than a regular file has the name.
    bool save(Document& document);
    /// Whether somebody else has changed it since it was loaded or saved.
    bool changed_by_others() const;
    /// Writes `document` to NAME.save, or where that exists already to NAME.save.1 and so on, when there is nobody to
    /// ask.
    bool save_aside(Document& document);
    /// Where save_aside has written.
    posix::View aside() const { return aside_; }

    posix::View path() const { return path_; }
    bool is_new() const { return !exists_; }
    /// Nobody may write it, or its folder's permissions say so.
    bool is_read_only() const { return read_only_; }
    posix::View error() const { return error_; }

private:
    bool fail(posix::View what, int why);
    bool refuse_kind();
    bool write_new(const posix::String& temporary, Document& document, const struct stat* replaced);
    posix::String target() const;
    void remember(const struct stat& status);

    posix::String path_, error_, aside_;
    bool exists_ = false, read_only_ = false;
    struct stat status_{};
};

} // namespace editor
