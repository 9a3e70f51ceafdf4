// SPDX-License-Identifier: MIT
#include "editor/file.h"

#include "posix/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

namespace editor {

using posix::String;
using posix::View;

bool File::fail(View what, int why)
{
    error_.assign(what);
    error_.append(": ").append(strerror(why));
    return false;
}

bool File::refuse_kind()
{
    error_.assign(path_);
    error_.append(": this is no regular file");
    return false;
}

void File::remember(const struct stat& status)
{
    status_ = status;
    exists_ = true;
    // For root access(2) says yes to everything, but a file without any write permission is not meant to be written.
    read_only_ = access(path_.c_str(), W_OK) != 0 || (status.st_mode & 0222) == 0;
}

bool File::load(Document& document)
{
    const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT || fail(path_, errno);
    }
    struct stat status{};
    bool good = fstat(fd, &status) == 0 || fail(path_, errno);
    if (good && !S_ISREG(status.st_mode)) {
        good = refuse_kind();
    }
    GapBuffer& bytes = document.bytes();
    if (good && !bytes.try_reserve(static_cast<size_t>(status.st_size))) {
        good = fail(path_, ENOMEM);
    }
    char block[65536];
    while (good) {
        const ssize_t count = read(fd, block, sizeof block);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            good = count == 0 || fail(path_, errno);
            break;
        }
        good = bytes.try_replace(bytes.size(), 0, {block, static_cast<size_t>(count)}) || fail(path_, ENOMEM);
    }
    close(fd);
    if (good) {
        remember(status);
        document.loaded();
    }
    return good;
}

bool File::changed_by_others() const
{
    struct stat now{};
    if (stat(path_.c_str(), &now) != 0) {
        return exists_;
    }
    return !exists_ || now.st_ino != status_.st_ino || now.st_size != status_.st_size ||
           now.st_mtim.tv_sec != status_.st_mtim.tv_sec || now.st_mtim.tv_nsec != status_.st_mtim.tv_nsec;
}

/// The file itself where the path is a symbolic link, which stays one.
String File::target() const
{
    char resolved[PATH_MAX];
    return String{realpath(path_.c_str(), resolved) == nullptr ? path_.view() : View{resolved}};
}

/// Writes all of it to the disk, under a name that is not there yet, with the owner and permissions of the file that it
/// is to replace.
bool File::write_new(const String& temporary, Document& document, const struct stat* replaced)
{
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, replaced != nullptr ? 0600 : 0666);
    if (fd < 0) {
        return fail("cannot save", errno);
    }
    bool good =
        posix::write_all(fd, document.bytes().before_gap()) && posix::write_all(fd, document.bytes().behind_gap());
    if (good && replaced != nullptr) {
        // Who may not give it away keeps it: the text matters more.
        static_cast<void>(fchown(fd, replaced->st_uid, replaced->st_gid));
        good = fchmod(fd, replaced->st_mode & 07777) == 0;
    }
    good = good && fsync(fd) == 0;
    int why = good ? 0 : errno;
    if (close(fd) != 0 && good) {
        good = false;
        why = errno;
    }
    if (!good) {
        unlink(temporary.c_str());
        return fail("cannot save", why);
    }
    return true;
}

bool File::save(Document& document)
{
    struct stat replaced{};
    const bool replaces = stat(path_.c_str(), &replaced) == 0;
    if (replaces && !S_ISREG(replaced.st_mode)) {
        return refuse_kind();
    }
    const String file = target();
    size_t slash = file.size();
    while (slash > 0 && file[slash - 1] != '/') {
        --slash;
    }
    String temporary{file.view().first(slash)};
    temporary.append('.').append(file.view().from(slash)).append(".new").append_number(getpid());
    if (!write_new(temporary, document, replaces ? &replaced : nullptr)) {
        return false;
    }
    if (rename(temporary.c_str(), file.c_str()) != 0) {
        const int why = errno;
        unlink(temporary.c_str());
        return fail("cannot save", why);
    }
    // The new name is on the disk with its folder.  Where a folder cannot be synchronised, nothing is lost that could
    // be told.
    String folder{slash == 0 ? View{"."} : file.view().first(slash)};
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        static_cast<void>(fsync(fd));
        close(fd);
    }
    struct stat status{};
    if (stat(path_.c_str(), &status) == 0) {
        remember(status);
    }
    document.mark_saved();
    return true;
}

bool File::save_aside(Document& document)
{
    constexpr int kAttempts = 100;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        aside_.assign(path_.empty() ? View{"editor"} : path_.view());
        aside_.append(".save");
        if (attempt > 0) {
            aside_.append('.').append_number(attempt);
        }
        const int fd = open(aside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST) {
            continue;
        }
        if (fd < 0) {
            return fail(aside_, errno);
        }
        const bool good = posix::write_all(fd, document.bytes().before_gap()) &&
                          posix::write_all(fd, document.bytes().behind_gap()) && fsync(fd) == 0;
        const int why = errno;
        close(fd);
        return good || fail(aside_, why);
    }
    return fail(aside_, EEXIST);
}

} // namespace editor
