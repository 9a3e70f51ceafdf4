// SPDX-License-Identifier: MIT
// Hostile (catalogue U08, X11): paths that are as long as paths may be, and longer; that go in circles; that lead out
// of the root, or as deep as there are names.  Each is answered at once, on one kernel stack, and nothing is left
// behind.
// expect long_paths: exited with status 0
// expect circles: exited with status 0
// expect root: exited with status 0
// expect many_deep: exited with status 0
// expect many_removed: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/names.h"

namespace {

using linux_abi::error;
using uapi::Error;

constexpr std::size_t kPathMax = 4096, kNameMax = 255;
/// More than any stack has room for, were each a call within a call; and "../" as often is still a path.
constexpr unsigned kDeep = 1300;

char path[2 * kPathMax];

/// "a/a/.../a", of `length` characters.
const char* path_of(std::size_t length, char odd, char even)
{
    for (std::size_t i = 0; i < length; ++i) {
        path[i] = i % 2 == 0 ? even : odd;
    }
    path[length] = '\0';
    return path;
}

// ---- Long ones.

/// A path may be 4095 characters long, a name 255.
int long_paths()
{
    constexpr std::int64_t kTooLong = error(Error::Enametoolong);
    const bool names = user::make_directory(path_of(kNameMax, 'n', 'n')) == 0 &&
                       user::remove_directory(path_of(kNameMax, 'n', 'n')) == 0 &&
                       user::make_directory(path_of(kNameMax + 1, 'n', 'n')) == kTooLong &&
                       user::open(path_of(kNameMax + 1, 'n', 'n')) == kTooLong;
    const bool paths = user::change_directory(path_of(kPathMax - 1, '/', '.')) == 0 &&
                       user::open(path_of(kPathMax - 1, '/', '/')) >= 0 &&
                       user::change_directory(path_of(kPathMax, '/', '.')) == kTooLong &&
                       user::open(path_of(2 * kPathMax - 1, '/', '.')) == kTooLong &&
                       user::unlink(path_of(kPathMax, '/', '.')) == kTooLong;
    // Links: each is short enough by itself, what comes of two of them is not.
    const bool links = user::symlink(path_of(kPathMax - 1, '/', '.'), "u08_link") == 0 &&
                       user::symlink(path_of(kPathMax, '/', '.'), "u08_long") == kTooLong &&
                       user::change_directory("u08_link") == 0 && user::change_directory("u08_link/.") == 0;
    path_of(kPathMax - 1, '/', '.');
    __builtin_memcpy(path, "u08_link/", 9); // and 4086 characters behind it
    const std::int64_t sum = user::change_directory(path);
    const bool removed = user::unlink("u08_link") == 0;
    if (!names || !paths) {
        return user::broke("a path of the wrong length, or not one of the right\n");
    }
    return links && removed && (sum == 0 || sum == kTooLong) ? user::kSurvived
                                                             : user::broke("links that are longer than a path\n");
}

// ---- Circles.

char link_name[] = "u08_000", next_name[] = "u08_000";

char* number_into(char (&name)[8], unsigned number)
{
    name[4] = static_cast<char>('0' + number / 100);
    name[5] = static_cast<char>('0' + number / 10 % 10);
    name[6] = static_cast<char>('0' + number % 10);
    return name;
}

int circles()
{
    constexpr unsigned kLinks = 1000;
    constexpr std::int64_t kLoop = error(Error::Eloop);
    for (unsigned i = 0; i < kLinks; ++i) {
        if (user::symlink(number_into(next_name, (i + 1) % kLinks), number_into(link_name, i)) != 0) {
            return user::broke("there are no thousand links\n");
        }
    }
    bool all = true;
    for (unsigned i = 0; i < kLinks; i += 37) {
        const char* const name = number_into(link_name, i);
        all = all && user::open(name) == kLoop && user::change_directory(name) == kLoop &&
              user::named_call(uapi::Syscall::Truncate, name, 0) == kLoop &&
              user::named_call(uapi::Syscall::Execve, name) == kLoop && user::create(name) == error(Error::Eexist) &&
              user::open(name, uapi::open_flag::kNoFollow) == kLoop;
    }
    // A link to itself, in the middle, and one that grows each time.
    all = all && user::symlink("u08_self/x/y/z", "u08_self") == 0 && user::open("u08_self") == kLoop &&
          user::open("u08_self/u08_self") == kLoop && user::unlink("u08_self") == 0;
    // Forty are one too few for a circle; what they lead to is found.
    all = all && user::unlink(number_into(link_name, 40)) == 0 && user::symlink("/", number_into(link_name, 40)) == 0;
    all = all && user::change_directory(number_into(link_name, 1)) == 0 &&
          user::change_directory(number_into(link_name, 0)) == kLoop;
    for (unsigned i = 0; i < kLinks; ++i) {
        all = all && user::unlink(number_into(link_name, i)) == 0;
    }
    return all ? user::kSurvived : user::broke("a circle has an end\n");
}

// ---- The root.

int root()
{
    const std::int64_t busy = error(Error::Ebusy);
    bool all = user::change_directory("/..") == 0 && user::change_directory("../../../../../../..") == 0 &&
               user::open("../../etc/../../etc/motd") >= 0;
    all = all && user::remove_directory("/") == busy && user::remove_directory("/..") == error(Error::Enotempty) &&
          user::remove_directory("/.") == error(Error::Einval) && user::unlink("/") == error(Error::Eisdir) &&
          user::rename("/", "u08_root") == busy && user::rename("etc", "/") == busy &&
          user::rename("/..", "u08_root") == busy && user::make_directory("/") == error(Error::Eexist) &&
          user::symlink("x", "/") == error(Error::Eexist);
    // A directory into itself, and into what is below it.
    all = all && user::make_directory("u08_a") == 0 && user::make_directory("u08_a/b") == 0 &&
          user::make_directory("u08_a/b/c") == 0 && user::rename("u08_a", "u08_a/x") == error(Error::Einval) &&
          user::rename("u08_a", "u08_a/b/c/x") == error(Error::Einval) &&
          user::rename("u08_a", "u08_a/b/../../u08_a/b/c") == error(Error::Einval) &&
          user::rename("u08_a/b/c", "u08_a") == error(Error::Enotempty) &&
          user::rename("u08_a/b/c", "u08_a/b/.") == busy && user::rename("u08_a/b", "u08_a/b") == 0;
    all = all && user::remove_directory("u08_a/b/c") == 0 && user::remove_directory("u08_a/b") == 0 &&
          user::remove_directory("u08_a") == 0;
    return all ? user::kSurvived : user::broke("the root has an outside, or a directory is in itself\n");
}

// ---- Deep ones.

char own_path[kPathMax];

std::int64_t current_directory()
{
    return user::named_call(uapi::Syscall::Getcwd, own_path, sizeof own_path);
}

bool descend()
{
    for (unsigned i = 0; i < kDeep; ++i) {
        if (user::make_directory("deep") != 0 || user::change_directory("deep") != 0) {
            return false;
        }
    }
    return true;
}

int many_deep()
{
    bool all = descend() && current_directory() == error(Error::Enametoolong);
    all = all && user::rename("/deep", "x") == error(Error::Einval);
    for (unsigned i = 0; i < kDeep; ++i) {
        all = all && user::change_directory("..") == 0 && user::remove_directory("deep") == 0;
    }
    return all && current_directory() == 2 ? user::kSurvived : user::broke("a deep place has no way back\n");
}

/// All are removed by who is in the deepest one: they hold each other upwards, and go all at once in the end.
int many_removed()
{
    bool all = descend();
    char* end = path;
    for (unsigned i = 0; i < kDeep; ++i) {
        __builtin_memcpy(end, "../", 3);
        end += 3;
        __builtin_memcpy(end, "deep", sizeof "deep");
        all = all && user::remove_directory(path) == 0;
    }
    constexpr std::int64_t kGone = error(Error::Enoent);
    all = all && user::make_directory("x") == kGone && user::create("x") == kGone && current_directory() == kGone &&
          user::make_directory("../../x") == kGone && user::rename("/etc/motd", "x") == kGone;
    return all && user::change_directory("/") == 0 ? user::kSurvived : user::broke("what is removed is in the way\n");
}

constexpr user::Case kCases[] = {{"long_paths", long_paths},
                                 {"circles", circles},
                                 {"root", root},
                                 {"many_deep", many_deep},
                                 {"many_removed", many_removed}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
