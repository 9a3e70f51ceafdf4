// SPDX-License-Identifier: MIT
// A text editor for a whole screen.  editor [-r] [FILE]; -r: to look at it only.
// When the terminal goes away or the process is to end, what is not saved is written to FILE.save.
// Status: 0; 1 when the file cannot be read, there is no terminal, or it ended otherwise than by ^Q; 2 for a mistake in
// the arguments.
#include "editor/session.h"
#include "posix/output.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

namespace {

using posix::View;

/// All that an emergency needs to know, wherever it happens.
struct Emergency {
    editor::File* file = nullptr;
    editor::Document* document = nullptr;
};
Emergency emergency;

/// Writes what is not saved beside the file, and says where, if somebody listens.
void save_aside()
{
    if (emergency.document == nullptr || !emergency.document->is_modified()) {
        return;
    }
    const bool saved = emergency.file->save_aside(*emergency.document);
    posix::String message{"\r\neditor: "};
    if (saved) {
        message.append("the text is in ").append(emergency.file->aside());
    } else {
        message.append("the text is lost: ").append(emergency.file->error());
    }
    posix::write_all(STDERR_FILENO, message.append("\r\n"));
}

int fail(View what, View why)
{
    posix::String message{"editor: "};
    posix::write_all(STDERR_FILENO, message.append(what).append(why.empty() ? "" : ": ").append(why).append('\n'));
    return 1;
}

} // namespace

namespace posix {

void out_of_memory()
{
    // Saving needs some memory of its own, and may come here again.
    static bool again = false;
    if (!again) {
        again = true;
        write_all(STDERR_FILENO, "\r\neditor: out of memory\r\n");
        save_aside();
    }
    _exit(1);
}

} // namespace posix

int main(int count, char** arguments)
{
    int first = 1;
    bool read_only = false;
    if (first < count && View{arguments[first]} == "-r") {
        read_only = true;
        ++first;
    }
    if (count - first > 1 || (first < count && arguments[first][0] == '-')) {
        fail("usage: editor [-r] [FILE]", "");
        return 2;
    }
    editor::File file{first < count ? View{arguments[first]} : View{}};
    editor::Document document;
    if (first < count && !file.load(document)) {
        return fail(file.error(), "");
    }
    posix::RawTerminal terminal{STDIN_FILENO};
    editor::Signals signals;
    if (!signals.begin()) {
        return fail("no pipe can be made", strerror(errno));
    }
    if (isatty(STDOUT_FILENO) != 1 || !terminal.enter()) {
        return fail("there is no terminal", "");
    }
    emergency = {&file, &document};
    editor::Session session{file, document, signals, STDIN_FILENO, STDOUT_FILENO};
    const bool is_new = file.is_new() && !file.path().empty();
    const auto end =
        session.run(read_only || (!file.is_new() && file.is_read_only()), is_new ? "This file is new." : "");
    terminal.leave();
    if (end == editor::Session::End::Left) {
        return 0;
    }
    save_aside();
    return 1;
}
