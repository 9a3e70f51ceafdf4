// SPDX-License-Identifier: MIT
// cd and pwd.  PWD is the way that the user took, symbolic links in it.  [POSIX "cd"]
#include "shell/builtins.h"
#include "shell/executor.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

namespace shell {

using posix::String;
using posix::View;

namespace {

bool is_here(View path)
{
    struct stat named{}, here{};
    return path.starts_with("/") && stat(String{path}.c_str(), &named) == 0 && stat(".", &here) == 0 &&
           named.st_dev == here.st_dev && named.st_ino == here.st_ino;
}

String real_directory()
{
    char bytes[PATH_MAX];
    return String{getcwd(bytes, sizeof bytes) == nullptr ? View{} : View{bytes}};
}

/// `path` from `base`, without . and .. and empty components.
String logical(View base, View path)
{
    String all{path.starts_with("/") ? View{} : base};
    all.append('/').append(path);
    String result;
    View rest = all;
    while (!rest.empty()) {
        const size_t slash = rest.find('/');
        const View component = rest.first(slash);
        rest = slash == posix::kNowhere ? View{} : rest.from(slash + 1);
        if (component == "..") {
            size_t parent = result.size();
            while (parent > 0 && result[parent - 1] != '/') {
                --parent;
            }
            result.truncate(parent > 0 ? parent - 1 : 0);
        } else if (!component.empty() && component != View{"."}) {
            result.append('/').append(component);
        }
    }
    return posix::move(result.empty() ? result.append('/') : result);
}

} // namespace

void set_initial_directory(State& state)
{
    if (!is_here(state.variables.value("PWD"))) {
        state.variables.set("PWD", real_directory());
    }
    state.variables.declare("PWD").exported = true;
}

/// cd [-L | -P] [DIRECTORY | -]
int builtin_cd(State& state, Arguments& arguments)
{
    size_t first = 1;
    bool physical = false;
    for (;
         first < arguments.size() && (arguments[first] == "-L" || arguments[first] == "-P" || arguments[first] == "--");
         ++first) {
        physical = arguments[first] == "-P";
    }
    const bool back = first < arguments.size() && arguments[first] == "-";
    const String target{back                       ? state.variables.value("OLDPWD")
                        : first < arguments.size() ? arguments[first].view()
                                                   : state.variables.value("HOME")};
    if (target.empty()) {
        return complain(state, arguments, back ? "OLDPWD is not set" : "HOME is not set", 2);
    }
    const View here = state.variables.value("PWD");
    String wanted = physical || !here.starts_with("/") ? String{target.view()} : logical(here, target);
    if (chdir(wanted.c_str()) != 0) {
        const char* const why = strerror(errno);
        return complain(state, arguments, target, why, 2);
    }
    if (physical || !wanted.view().starts_with("/")) {
        wanted = real_directory();
    }
    const String before{here};
    state.variables.declare("PWD").exported = true;
    if (!assign(state, "OLDPWD", before) || !assign(state, "PWD", wanted)) {
        return 2;
    }
    return back ? print(state, wanted.append('\n')) : 0;
}

/// pwd [-L | -P]
int builtin_pwd(State& state, Arguments& arguments)
{
    const bool physical = arguments.size() > 1 && arguments[1] == "-P";
    const View named = state.variables.value("PWD");
    String path{!physical && is_here(named) ? named : View{}};
    if (path.empty()) {
        path = real_directory();
    }
    if (path.empty()) {
        const char* const why = strerror(errno);
        return complain(state, arguments, why);
    }
    return print(state, path.append('\n'));
}

} // namespace shell
