// SPDX-License-Identifier: MIT
// A Vessel gets another program.  All that can fail is done beside the old program, which then goes on as if nothing
// had been asked for; from the moment on when its other threads are told to end there is no way back.
#include "base/static_vector.h"
#include "layout/landmarks.h"
#include "mm/kernel_memory.h"
#include "process/exec_arguments.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/program_file.h"
#include "process/program_image.h"
#include "process/robust_list.h"
#include "process/script.h"
#include "process/syscall_log.h"

namespace kernel {

using base::Bytes;
using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

namespace {

/// How many scripts may be each other's interpreters.  [Linux fs/exec.c exec_binprm]
constexpr std::size_t kMaximumScripts = 5;

StringView last_component(StringView path)
{
    std::size_t begin = path.size();
    while (begin > 0 && path[begin - 1] != '/') {
        --begin;
    }
    return path.drop(begin);
}

/// Adds "INTERPRETER [ARGUMENT]" of each script, the last one first, then the first script's own name.
Result<ArgumentBlock::Run> append_words(ArgumentBlock& block, base::Span<const ScriptLine> lines, StringView path)
{
    ArgumentBlock::Run run{.begin = block.size(), .bytes = 0, .count = 0};
    if (lines.empty()) {
        return run;
    }
    for (std::size_t i = lines.size(); i-- > 0;) {
        TRY(block.append(lines[i].interpreter()));
        if (lines[i].has_argument()) {
            TRY(block.append(lines[i].argument()));
        }
        run.count += lines[i].has_argument() ? 2 : 1;
    }
    TRY(block.append(path));
    ++run.count;
    run.bytes = block.size() - run.begin;
    return run;
}

/// Takes the first string out of `run`: a script's name stands there instead.
void drop_first(const ArgumentBlock& block, ArgumentBlock::Run& run)
{
    if (run.count == 0) {
        return;
    }
    --run.count;
    for (bool ended = false; !ended; ++run.begin, --run.bytes) {
        ended = block.piece(run.begin)[0] == 0;
    }
}

} // namespace

/// What execve makes before anything of the old program changes.
struct Harbor::NewProgram {
    InodeRef file;
    RunningProgram running; ///< the same: nobody begins to write to it from here on
    ProgramImage image;
    char name[Vessel::kNameSize];       ///< of the program's file
    char command[Vessel::kCommandSize]; ///< of what was to be executed
};

Result<void> Harbor::prepare(NewProgram& program, const ExecRequest& request)
{
    ArgumentBlock strings(frame_allocator);
    base::StaticVector<ScriptLine, kMaximumScripts> scripts;
    StringView path = request.path;
    Inode& directory = *loom.current().vessel->directory;
    program.file = TRY(find_program(directory, path));
    for (;;) {
        std::uint8_t head[ScriptLine::kMaximumLength];
        const Bytes begin(head, program.file->pages()->peek(0, head));
        if (!ScriptLine::begins(begin)) {
            break;
        }
        ScriptLine line;
        TRY(line.read(begin));
        if (!scripts.push_back(line)) {
            return fail(Error::Eloop);
        }
        path = scripts[scripts.size() - 1].interpreter();
        program.file = TRY(find_program(directory, path));
    }
    InitialStack contents;
    contents.strings = &strings;
    contents.arguments = TRY(read_user_strings(strings, request.arguments));
    contents.environment = TRY(read_user_strings(strings, request.environment));
    contents.executable_name = {.begin = strings.size(), .bytes = request.path.size() + 1, .count = 1};
    TRY(strings.append(request.path));
    contents.script = TRY(append_words(strings, scripts.span(), request.path));
    if (!scripts.empty()) {
        drop_first(strings, contents.arguments);
    } else if (contents.arguments.count == 0) {
        // No program is started without its name.  [execve(2) "VERSIONS"]
        contents.arguments = {.begin = strings.size(), .bytes = 1, .count = 1};
        TRY(strings.append(""));
    }
    program.running = RunningProgram(program.file);
    copy_text(program.name, path[0] == '/' ? path.drop(1) : path);
    copy_text(program.command, last_component(request.path));
    const InodeRef interpreter = TRY(find_interpreter(directory, *program.file->pages())); // the paths are gone now
    program.image = TRY(make_program_image(
        {.program = *program.file->pages(), .interpreter = interpreter ? interpreter->pages() : nullptr}, contents));
    return {};
}

bool Harbor::end_other_threads()
{
    Thread& caller = loom.current();
    Vessel& vessel = *caller.vessel;
    for (Thread* thread = vessel.threads; thread != nullptr; thread = thread->next_in_vessel) {
        if (thread != &caller) {
            loom.kill(*thread);
        }
    }
    while (vessel.unburied_threads > 1) {
        if (loom.block(vessel.exec_waiters, Loom::kNever, Interruptible::ByEnd) == WakeReason::Killed) {
            return false;
        }
    }
    return true;
}

Result<void> Harbor::execute(layout::TrapFrame& caller, const ExecRequest& request)
{
    NewProgram program;
    TRY(prepare(program, request));
    if (loom.current().killed() || !end_other_threads()) {
        program.image.memory.destroy();
        return fail(Error::Eintr); // nobody sees it: the caller is to end
    }
    replace(program);
    caller = program.image.first_frame();
    loom.current().return_work |= return_work::kFrameChanged;
    return {};
}

/// The caller's Vessel, which has no other thread, becomes the new program's.
void Harbor::replace(NewProgram& program)
{
    Thread& thread = loom.current();
    Vessel& vessel = *thread.vessel;
    const ThreadId first{static_cast<std::uint64_t>(vessel.id)};
    if (thread.id != first) {
        loom.rename(thread, first); // the program's only thread is its first, whoever asked for it
    }
    give_up_robust_locks(thread); // what others share of the old memory, they keep
    UserMemory old = std::move(vessel.memory);
    vessel.memory = std::move(program.image.memory);
    vessel.memory.set_limits(vessel.limits.of_memory());
    loom.change_table(vessel.memory.root());
    old.destroy();
    thread.user = UserState::initial();
    thread.user.load();
    thread.clear_child_tid = 0;
    thread.alternate_stack = uapi::kNoAlternateStack;
    thread.interrupted_call.kind = InterruptedCall::Kind::None;
    vessel.actions.forget_handlers();
    vessel.files.close_on_exec();
    vessel.places = program.image.places;
    vessel.program = std::move(program.running);
    __builtin_memcpy(vessel.name, program.name, sizeof vessel.name);
    __builtin_memcpy(vessel.command, program.command, sizeof vessel.command);
    vessel.executed = true;
    loom.wake_all(vessel.vfork_waiters);
    syscall_log.execute(vessel, program.image.entry.value);
    landmark_process_executed(static_cast<std::uint64_t>(vessel.id), vessel.name, vessel.memory.root().value,
                              &vessel.places);
}

} // namespace kernel
